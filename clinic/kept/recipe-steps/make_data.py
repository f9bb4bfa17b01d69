import numpy as np

rng = np.random.default_rng(1400)
n, T = 800, 56
ids = np.zeros((n, T), int)
y = np.zeros(n, int)
for i in range(n):
    m = rng.integers(4, 11)
    w = rng.integers(11, 90, m)
    y[i] = rng.integers(0, 2)
    lo = 1 if y[i] else 6
    w[rng.choice(m, 2, replace=False)] = rng.integers(lo, lo + 5, 2)
    ids[i, :m] = w
np.savez("recipes.npz", ids=ids, sweet=y)
