import numpy as np

rng = np.random.default_rng(19)
n, T = 1000, 16
meals = rng.normal(size=(n, T, 2))
g = np.zeros((n, T, 1))
s = np.zeros(n)
for t in range(T):
    s = 0.6 * s + meals[:, t, 0] - 0.5 * meals[:, t, 1]
    g[:, t, 0] = s
g = g / g.std() + 0.1 * rng.normal(size=g.shape)
np.savez("data.npz", meals=meals.astype("float32"), glucose=g.astype("float32"))
