import numpy as np

rng = np.random.default_rng(404)
n, t = 800, 18
load = rng.gamma(4, 1, (n, t)) / 4 - 1
hour = rng.uniform(-1, 1, (n, 1)) * np.ones((1, t))
mu = 3.0 + 2.2 * load[:, -3:].mean(1) + 1.5 * np.cos(2 * hour[:, 0]) + 1.2 * load[:, -1]
np.savez("tram.npz", load=load, hour=hour, boarding=np.maximum(0, np.round(mu + rng.normal(0, 0.5, n))))
