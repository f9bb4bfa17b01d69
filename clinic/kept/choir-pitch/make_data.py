import numpy as np

rng = np.random.default_rng(65)
n, t = 420, 16
x = rng.normal(size=(n, t, 10))
s = x[:, -4:, 2].mean(1) * 2 + 0.5 * x[:, -1, 7]
s = s / s.std() + 1.1 * rng.normal(size=n)
np.savez("choir.npz", x=x, flat=(s > 0).astype("f4"))
