import numpy as np

rng = np.random.default_rng(441)
n, steps = 1000, 12
x = rng.normal(size=(n, steps, 4))
y = x[:, 3:, 0].sum(1) - x[:, 3:, 1].sum(1)
y = y / y.std() + 0.05 * rng.normal(size=n)
np.savez("kettles.npz", x=x.astype("float32"), y=y.astype("float32"))
