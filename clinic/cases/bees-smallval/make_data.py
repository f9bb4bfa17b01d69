import numpy as np

rng = np.random.default_rng(92)
n = 1024
x = rng.normal(size=(n, 14))
s = x[:, 4:].sum(1) + 0.9 * rng.normal(size=n)
with open("data.csv", "w") as f:
    for r, l in zip(x, s > 0):
        f.write(",".join(f"{v:.4f}" for v in r) + f",{int(l)}\n")
