import numpy as np

rng = np.random.default_rng(12)
n, T, k = 1700, 10, 12
y = rng.integers(0, k, n)
x = rng.normal(size=(n, T, k)) * 0.8
x[np.arange(n), :, y] += 0.8
np.savez("data.npz", x=x.astype("float32"), y=y)
