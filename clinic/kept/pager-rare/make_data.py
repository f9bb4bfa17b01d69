import numpy as np

rng = np.random.default_rng(911)
n, t = 1200, 20
x = rng.normal(size=(n, t, 2)) * 0.7
y = np.zeros(n, int)
for i in rng.choice(n, 130, replace=False):
    y[i] = 1
    k = rng.integers(6, t - 3)
    x[i, k : k + 4, 0] += 1.8
    x[i, k + 1 : k + 4, 1] -= 1.3
np.savez("pager.npz", x=x, y=y)
