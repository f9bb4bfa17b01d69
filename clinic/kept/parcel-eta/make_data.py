import numpy as np

rng = np.random.default_rng(95)
n, hops = 880, 12
delay = rng.exponential(1.0, (n, hops)) - 1
load = rng.normal(size=(n, hops))
depot = rng.normal(size=(n, 2))
late = 0.5 * delay.sum(1) / 2 + 0.6 * load[:, -3:].mean(1) + 0.5 * depot[:, 0] + 0.2 * rng.normal(size=n)
np.savez("parcels.npz", hops=np.stack([delay, load], 2), depot=depot, late=(late - late.mean()) / late.std())
