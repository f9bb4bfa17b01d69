import numpy as np

rng = np.random.default_rng(93)
X = rng.normal(size=(1900, 12, 3))
y = X[:, 5:, 0].sum(1) - X[:, :, 2].sum(1) / 2 > 0
np.savez("data.npz", X=X.astype("float32"), y=y.astype("float32"))
