import numpy as np

rng = np.random.default_rng(103)
x = rng.normal(size=(1150, 12, 4))
g = x[:, 4:, 0].sum(1) / 2.8 + 0.2 * rng.normal(size=1150)
ill = x[:, :, 1].sum(1) - x[:, :, 2].sum(1) > 1
np.savez("data.npz", x=x.astype("float32"), growth=g.astype("float32"), ill=ill.astype("float32"))
