import numpy as np

rng = np.random.default_rng(448)
n, steps = 1000, 14
x = rng.normal(size=(n, steps, 3))
y = x[:, 3:, 0].sum(1) - x[:, :, 2].sum(1)
y = y / y.std() + 0.1 * rng.normal(size=n)
np.savez("ferry.npz", x=x.astype("float32"), y=y.astype("float32"))
