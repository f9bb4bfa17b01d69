import numpy as np

rng = np.random.default_rng(109)
x = rng.normal(size=(1200, 12, 3))
w = 50 + 9 * x[:, 4:, 0].sum(1) / 2.8 - 6 * x[:, :, 1].sum(1) / 3.5 + 2 * rng.normal(size=1200)
np.savez("data.npz", x=x.astype("float32"), wait=w.astype("float32"))
