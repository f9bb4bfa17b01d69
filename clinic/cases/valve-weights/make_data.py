import numpy as np

rng = np.random.default_rng(102)
n = 2000
x = rng.normal(size=(n, 14, 3))
s = x[:, 3:, 0].sum(1) + x[:, :, 1].sum(1)
np.savez("data.npz", x=x.astype("float32"), y=(s > np.quantile(s, 0.9)).astype("int32"))
