import numpy as np

rng = np.random.default_rng(64)
n = 3000
flow = rng.normal(size=(n, 20, 2))
s = flow[:, :, 0].mean(1) * np.sqrt(20) + 0.9 * rng.normal(size=n)
leak = s > np.quantile(s, 0.97)
np.savez("data.npz", flow=flow.astype("float32"), leak=leak.astype("float32"))
