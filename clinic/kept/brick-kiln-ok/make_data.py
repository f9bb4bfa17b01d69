import numpy as np

rng = np.random.default_rng(120)
n, t = 900, 16
z = rng.normal(size=(n, t, 3))
for k in range(1, t):
    z[:, k] = 0.8 * z[:, k - 1] + 0.6 * z[:, k]
y = 0.9 * z[:, -1, 0] + 0.5 * z[:, -5:, 1].mean(1) + 0.25 * rng.normal(size=n)
np.savez("kiln.npz", probes=4 + 2.5 * z, shrink=y / y.std())
