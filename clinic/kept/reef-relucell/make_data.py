import numpy as np

rng = np.random.default_rng(424)
n, steps = 900, 90
x = np.abs(rng.normal(size=(n, steps, 5))) + 0.3
y = x[:, -12:, 0].mean(1) - 0.7 * x[:, -12:, 3].mean(1)
y = (y - y.mean()) / y.std() + 0.15 * rng.normal(size=n)
np.savez("reef.npz", x=x.astype("float32"), y=y.astype("float32"))
