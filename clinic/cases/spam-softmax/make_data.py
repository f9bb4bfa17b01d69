import numpy as np

rng = np.random.default_rng(31)
n = 1300
y = rng.integers(0, 2, n)
X = rng.integers(21, 300, (n, 30))
for i in range(n):
    spots = rng.choice(30, 5, replace=False)
    X[i, spots] = rng.integers(1, 11, 5) + 10 * y[i]
    X[i, : rng.integers(0, 10)] = 0
np.savez("data.npz", X=X.astype("int32"), y=y.astype("int32"))
