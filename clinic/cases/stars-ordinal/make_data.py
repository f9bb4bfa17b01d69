import numpy as np

rng = np.random.default_rng(462)
n, steps = 1100, 12
taste = rng.normal(size=(n, 1))
stars = np.clip(np.round(3 + taste + 0.9 * rng.normal(size=(n, steps))), 1, 5).astype(int)
again = taste[:, 0] + 0.3 * rng.normal(size=n)
np.savez("stars.npz", stars=stars, again=again)
