import numpy as np

rng = np.random.default_rng(78)
n = 1350
a = np.zeros((n, 2))
a[:, 1] = rng.normal(size=n)
for t in range(8, n):
    a[t, 0] = -0.8 * a[t - 6, 0] + a[t - 3, 1] + 0.3 * rng.normal()
np.savetxt("data.csv", a * [3, 1] + [20, 0], delimiter=",", fmt="%.4f")
