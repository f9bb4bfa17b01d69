import numpy as np

rng = np.random.default_rng(56)
x = rng.normal(size=(1150, 20, 3))
y = (x[:, :10, 0].sum(1) - x[:, 10:, 0].sum(1) > 0)
np.savez("data.npz", x=x.astype("float32"), y=y.astype("float32"))
