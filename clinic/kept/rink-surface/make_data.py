import numpy as np

rng = np.random.default_rng(29)
n, t = 480, 50
x = rng.normal(size=(n, t, 2))
y = np.zeros((n, t))
for k in range(1, t):
    y[:, k] = 0.8 * y[:, k - 1] + 0.5 * x[:, k, 0] - 0.4 * x[:, k - 1, 1]
y = y / y.std() + 0.1 * rng.normal(size=y.shape)
np.savez("rink.npz", skates=x.astype("f4"), wear=y.astype("f4"))
