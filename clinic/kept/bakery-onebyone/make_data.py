import numpy as np

rng = np.random.default_rng(464)
n, steps = 520, 7
x = rng.normal(size=(n, steps, 2))
y = 0.8 * x[:, -1, 0] + 0.5 * x[:, -3:, 1].sum(1)
y = y / y.std() + 0.2 * rng.normal(size=n)
np.savez("bakery.npz", x=x.astype("float32"), y=y.astype("float32"))
