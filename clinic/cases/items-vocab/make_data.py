import numpy as np

rng = np.random.default_rng(67)
n = 1300
ids = np.sort(rng.choice(np.arange(1, 140), 110, replace=False))
clicks = ids[rng.integers(0, 110, (n, 18))]
s = np.isin(clicks, ids[:25]).sum(1) - np.isin(clicks, ids[25:50]).sum(1)
bought = (s + 0.5 * rng.normal(size=n) > 0).astype("int32")
np.savez("data.npz", clicks=clicks.astype("int32"), bought=bought)
