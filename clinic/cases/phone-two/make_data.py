import numpy as np

rng = np.random.default_rng(112)
n, T, K = 1400, 20, 6
y = rng.integers(0, K, n)
base = np.cumsum(rng.normal(size=(K, T, 6)), 1) * 0.3
x = base[y] + 0.8 * rng.normal(size=(n, T, 6))
np.savez("data.npz", x=x.astype("float32"), y=y)
