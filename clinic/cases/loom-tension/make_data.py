import numpy as np

rng = np.random.default_rng(61)
n, t = 960, 20
x = rng.normal(size=(n, t, 3)).cumsum(1) / 3
y = 0.8 * x[:, -1, 0] - 0.5 * x[:, -6:, 1].mean(1) + 0.2 * rng.normal(size=n)
y = (y - y.mean()) / y.std()
np.savez("loom.npz", warp=x.astype("f4"), tension=y.astype("f4"))
