import numpy as np

rng = np.random.default_rng(95)
x = rng.normal(size=(1150, 15, 3))
y = 4 * x[:, 5:, 0].sum(1) / 3 - 2 * x[:, :, 1].sum(1) / 3 + 0.5 * rng.normal(size=1150) + 6
np.savez("data.npz", x=x.astype("float32"), tons=y.astype("float32"))
