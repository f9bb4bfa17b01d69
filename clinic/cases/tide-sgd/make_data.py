import numpy as np

rng = np.random.default_rng(74)
t = np.arange(1400)
h = np.sin(t * 0.5) + 0.5 * np.sin(t * 0.27 + 1) + 0.15 * rng.normal(size=1400)
with open("data.csv", "w") as f:
    f.write("hour,height\n")
    for i, v in zip(t, h):
        f.write(f"{i},{2.5 + v:.4f}\n")
