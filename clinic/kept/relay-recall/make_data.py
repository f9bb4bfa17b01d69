import numpy as np

rng = np.random.default_rng(1)
n, t = 1000, 14
s = rng.integers(3, 6, (n, t))
first = rng.integers(0, 2, n)
s[:, 0] = first
np.savez("relay.npz", baton=s, first=first)
