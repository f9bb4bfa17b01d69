import numpy as np

rng = np.random.default_rng(77)
n, K = 1350, 5
y = rng.integers(0, K, n)
x = rng.normal(size=(n, 20, 5))
x[np.arange(n), 10:, y] += 1.0
np.savez("data.npz", x=x.astype("float32"), y=y)
