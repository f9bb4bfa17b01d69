import numpy as np

rng = np.random.default_rng(622)
n, T = 800, 40
walk = np.full((n, T, 3), -1.0)
floor = np.zeros(n, int)
for i in range(n):
    m = rng.integers(5, 16)
    floor[i] = rng.integers(0, 2)
    a = rng.normal(0, 0.8, (m, 3))
    a[:, 0] += 0.7 * (2 * floor[i] - 1) * np.sin(np.arange(m))
    a[:, 2] += 0.2 * (2 * floor[i] - 1)
    walk[i, :m] = a
np.savez("walks.npz", walk=walk.astype("f4"), carpet=floor)
