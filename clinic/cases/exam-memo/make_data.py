import numpy as np

rng = np.random.default_rng(80)
x = rng.normal(size=(560, 12, 6))
s = x[:, :, 0].sum(1) / 3.4 + 0.9 * rng.normal(size=560)
np.savez("data.npz", clicks=x.astype("float32"), passed=(s > 0).astype("float32"))
