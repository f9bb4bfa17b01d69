import numpy as np

rng = np.random.default_rng(36)
n, t = 1000, 24
x = rng.normal(size=(n, t, 3))
for k in range(1, t):
    x[:, k] = 0.5 * x[:, k - 1] + 0.87 * x[:, k]
y = 0.8 * x[:, -6:, 0].mean(1) * 2 + 0.6 * x[:, -1, 1] + 0.5 * rng.normal(size=n)
np.savez("cello.npz", x=x, y=(y - y.mean()) / y.std())
