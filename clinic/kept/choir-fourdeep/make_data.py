import numpy as np

rng = np.random.default_rng(466)
n, steps = 1000, 12
x = rng.normal(size=(n, steps, 3))
y = ((x[:, 4:, 0] - x[:, 4:, 1]).sum(1) > 0).astype("int32")
np.savez("choir.npz", x=x.astype("float32"), y=y)
