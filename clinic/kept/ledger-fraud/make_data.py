import numpy as np

rng = np.random.default_rng(910)
n, t = 1600, 15
x = rng.normal(size=(n, t, 3))
s = x[:, -5:, 0].mean(1) * 2 + 0.8 * x[:, -1, 1]
s = s / s.std() + 1.4 * rng.normal(size=n)
fraud = s > np.quantile(s, 0.905)
np.savez("ledger.npz", entries=x.astype("f4"), fraud=fraud.astype("i4"))
