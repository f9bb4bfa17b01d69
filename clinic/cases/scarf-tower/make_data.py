import numpy as np

rng = np.random.default_rng(431)
n, steps = 1000, 10
x = rng.normal(size=(n, steps, 3))
y = ((x[:, 4:, 0] - x[:, 4:, 1]).sum(1) > 0).astype("int32")
np.savez("scarf.npz", x=x.astype("float32"), y=y)
