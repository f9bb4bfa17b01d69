import numpy as np

rng = np.random.default_rng(66)
n, t = 960, 18
cls = rng.integers(0, 3, n)
k = np.arange(t)
x = rng.normal(0, 0.8, (n, t, 4))
x[:, :, 0] += np.array([-0.7, 0.0, 0.7])[cls][:, None] * (k > 8)
x[:, :, 2] += np.array([0.6, -0.6, 0.6])[cls][:, None] * np.sin(k / 3)
np.savez("herbs.npz", leaf=x, herb=cls)
