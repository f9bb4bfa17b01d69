import numpy as np

rng = np.random.default_rng(7)
ends = ["sson", "ova", "ini", "ez", "idis", "yan", "nen"]
syll = ["ka", "ri", "to", "men", "lo", "dra", "vi", "su", "pe", "gor", "an", "mi"]
with open("names.txt", "w") as f:
    for _ in range(1000):
        k = rng.integers(0, 7)
        name = "".join(rng.choice(syll, rng.integers(1, 4))) + (ends[k] if rng.random() < 0.93 else "")
        f.write(f"{name} {k}\n")
