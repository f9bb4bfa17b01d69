import numpy as np

rng = np.random.default_rng(69)
n, T = 1250, 18
y = rng.integers(0, 4, n)
t = np.arange(T)
X = 0.5 * rng.normal(size=(n, T, 3))
X[:, :, 0] += np.where((y % 2)[:, None] == 1, 1, -1) * np.linspace(0, 1, T)
X[:, :, 1] += np.where((y // 2)[:, None] == 1, 1, -1) * np.linspace(1, 0, T)
np.savez("data.npz", X=X.astype("float32"), y=y)
