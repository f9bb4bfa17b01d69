import numpy as np

rng = np.random.default_rng(55)
x = rng.normal(size=(1200, 15, 4))
y = x[:, 5:, 0].sum(1) * 0.3 - x[:, :, 2].sum(1) * 0.15 + 0.1 * rng.normal(size=1200)
x, y = x.astype("float32"), (y / y.std()).astype("float32")
np.savez("data.npz", x_train=x[:950], y_train=y[:950], x_test=x[950:], y_test=y[950:])
