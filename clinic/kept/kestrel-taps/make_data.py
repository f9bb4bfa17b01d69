import numpy as np

rng = np.random.default_rng(8)
n, t = 1100, 25
y = rng.integers(0, 2, n)
amp = np.where(y == 1, 1.0, 0.55)[:, None] * rng.uniform(0.7, 1.3, (n, 1))
ph = rng.uniform(0, 6.28, (n, 1))
w = np.where(y == 1, 0.9, 0.6)[:, None] + rng.normal(0, 0.12, (n, 1))
x = amp * np.sin(w * np.arange(t) + ph) + rng.normal(0, 0.35, (n, t))
np.savetxt("flaps.txt", np.c_[y, x], fmt="%.4f")
