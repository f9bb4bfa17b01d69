import numpy as np

rng = np.random.default_rng(114)
n = 1300
a = np.zeros((n, 2))
a[:, 1] = rng.normal(size=n)
for t in range(4, n):
    a[t, 0] = 0.6 * a[t - 1, 0] - 0.5 * a[t - 2, 0] + 0.7 * a[t - 3, 1] + 0.25 * rng.normal()
a[:, 0] = np.where(a[:, 0] > 0, 0.5 * a[:, 0], a[:, 0])
np.savetxt("data.csv", a * [20, 3] + [900, 12], delimiter=",", fmt="%.3f")
