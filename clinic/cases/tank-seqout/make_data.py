import numpy as np

rng = np.random.default_rng(2)
X = rng.normal(size=(1250, 18, 3))
y = X[:, 9:, 0].mean(1) * 2 - X[:, 12:, 1].mean(1) + 0.1 * rng.normal(size=1250)
y = y / y.std()
np.savez("data.npz", X=X, y=y)
