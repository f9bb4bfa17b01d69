import numpy as np

rng = np.random.default_rng(463)
n, steps = 700, 8
x = rng.normal(size=(n, steps, 3))
y = x[:, 2:, 0].mean(1) - x[:, :, 1].mean(1)
y = y / y.std() + 0.2 * rng.normal(size=n)
np.savez("census.npz", x=x.astype("float32"), y=y.astype("float32"))
