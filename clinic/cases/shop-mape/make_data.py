import numpy as np

rng = np.random.default_rng(70)
x = rng.normal(size=(900, 14, 3))
rate = np.exp(0.35 * x[:, :, 0].sum(1) / 2 + 1.5)
sold = rng.poisson(rate)
np.savez("data.npz", x=x.astype("float32"), sold=sold.astype("float32"))
