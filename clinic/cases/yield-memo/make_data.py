import numpy as np

rng = np.random.default_rng(81)
X = rng.normal(size=(420, 10, 8))
y = 0.9 * X[:, 4:, 0].sum(1) / 2.4 + 0.8 * rng.normal(size=420)
np.savez("data.npz", X=X.astype("float32"), y=y.astype("float32"))
