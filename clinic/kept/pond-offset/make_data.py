import numpy as np

rng = np.random.default_rng(83)
n, t = 900, 20
sun = rng.normal(size=(n, t))
stir = rng.normal(size=(n, t))
for k in range(1, t):
    sun[:, k] = 0.8 * sun[:, k - 1] + 0.6 * sun[:, k]
o2 = 8 + 3 * (0.8 * sun[:, -5:].mean(1) + 0.5 * stir[:, -1] + 0.2 * rng.normal(size=n))
np.savez("pond.npz", sun=sun, stir=stir, oxygen=o2)
