import numpy as np

rng = np.random.default_rng(34)
n, t = 1000, 15
wind = rng.normal(size=(n, t, 2))
for k in range(1, t):
    wind[:, k] = 0.7 * wind[:, k - 1] + 0.7 * wind[:, k]
pull = 0.8 * wind[:, -1, 0] + 0.6 * wind[:, -4:, 1].mean(1) + 0.3 * rng.normal(size=n)
side = (wind[:, -3:, 1].mean(1) - 0.5 * wind[:, -1, 0] + 0.3 * rng.normal(size=n) > 0).astype(int)
np.savez("kite.npz", wind=wind, pull=pull, side=side)
