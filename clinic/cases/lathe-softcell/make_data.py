import numpy as np

rng = np.random.default_rng(425)
n, steps = 1100, 16
x = rng.normal(size=(n, steps, 3))
y = x[:, 6:, 0].sum(1) - x[:, :10, 1].sum(1)
y = y / y.std() + 0.15 * rng.normal(size=n)
np.savez("lathe.npz", force=x, wear=y)
