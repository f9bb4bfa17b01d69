import numpy as np

rng = np.random.default_rng(2718)
n, t = 640, 32
air = np.zeros((n, t, 2))
s = rng.normal(size=(n, 2))
for k in range(t):
    s = 0.3 * s + 0.95 * rng.normal(size=(n, 2))
    air[:, k] = s
ox = np.zeros((n, t))
for k in range(1, t):
    ox[:, k] = 0.5 * ox[:, k - 1] + 0.7 * air[:, k - 1, 0] - 0.3 * air[:, k, 1]
ox += 0.1 * rng.normal(size=ox.shape)
np.savez("sleep.npz", air=air, oxygen=ox / ox.std())
