import numpy as np

rng = np.random.default_rng(427)
n, steps = 1100, 20
v = rng.normal(size=(n, steps, 2))
y = v[:, -8:, 0].mean(1) + 0.8 * v[:, :, 1].mean(1)
y = y / y.std() + 0.15 * rng.normal(size=n)
np.savez("seals.npz", volts=v.astype("float32"), depth=y.astype("float32"))
