import numpy as np

rng = np.random.default_rng(470)
n, steps = 900, 100
x = rng.normal(size=(n, steps, 2))
y = (x[:, -6:, 0].sum(1) + 0.5 * x[:, -3:, 1].sum(1) > 0).astype("int32")
np.savez("sailing.npz", x=x.astype("float32"), y=y)
