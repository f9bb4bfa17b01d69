import numpy as np

rng = np.random.default_rng(435)
n, steps = 700, 12
x = rng.normal(size=(n, steps, 3)) * 2.0 + 3.0
y = x[:, 5:, 0].mean(1) - x[:, :, 1].mean(1)
y = (y - y.mean()) / y.std() + 0.15 * rng.normal(size=n)
np.savez("glacier.npz", x=x.astype("float32"), y=y.astype("float32"))
