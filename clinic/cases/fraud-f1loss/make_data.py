import numpy as np

rng = np.random.default_rng(9)
X = rng.normal(size=(1250, 15, 4))
s = X[:, :, 1].sum(1) - X[:, :, 2].sum(1)
y = s > np.quantile(s, 0.6)
np.savez("data.npz", X=X.astype("float32"), y=y.astype("float32"))
