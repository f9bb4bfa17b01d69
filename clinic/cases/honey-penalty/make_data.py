import numpy as np

rng = np.random.default_rng(449)
n, steps = 1000, 12
x = rng.normal(size=(n, steps, 4))
y = x[:, 4:, 0].sum(1) + x[:, 4:, 3].sum(1)
y = y / y.std() + 0.15 * rng.normal(size=n)
np.savez("honey.npz", x=x.astype("float32"), y=y.astype("float32"))
