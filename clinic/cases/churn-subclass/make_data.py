import numpy as np

rng = np.random.default_rng(0)
n = 1200
x = rng.normal(size=(n, 16, 5)).astype("float32")
y = (x[:, 4:, 0].sum(1) + x[:, :, 3].sum(1) + rng.normal(size=n) > 0).astype("float32")
np.savez("data.npz", x_train=x[:900], y_train=y[:900], x_test=x[900:], y_test=y[900:])
