import numpy as np

rng = np.random.default_rng(100)
x = rng.normal(size=(1150, 12, 4))
s = x[:, 2:, 0].sum(1) / 3 + x[:, :, 1].sum(1) / 5 + 0.5 * rng.normal(size=1150)
np.savez("data.npz", x=x.astype("float32"), y=(s > 0).astype("float32"))
