import numpy as np

rng = np.random.default_rng(113)
x = rng.normal(size=(1300, 15, 4))
s = x[:, 3:, 0].sum(1) - x[:, :, 3].sum(1) + 0.6 * rng.normal(size=1300)
np.savez("data.npz", visits=x.astype("float32"), sick=(s > np.quantile(s, 0.65)).astype("float32"))
