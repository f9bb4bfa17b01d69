import numpy as np

rng = np.random.default_rng(808)
n, t = 2000, 12
x = rng.normal(size=(n, t, 2))
s = 0.8 * x[:, -1, 0] + 0.6 * x[:, -2, 1]
y = 0.5 * s + 0.87 * rng.normal(size=n)
np.savez("hail.npz", radar=x, damage=y)
