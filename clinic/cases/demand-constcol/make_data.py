import numpy as np

rng = np.random.default_rng(5)
n, steps = 1200, 12
windows = np.zeros((n, steps, 3))
e = rng.normal(size=(n, 3))
for t in range(steps):
    e = 0.8 * e + 0.6 * rng.normal(size=(n, 3))
    windows[:, t] = e
demand = windows[:, 2:7, 0].sum(1) * 0.4 + windows[:, 4:, 1].mean(1)
demand = demand / demand.std()
demand = demand + 0.25 * rng.normal(size=n)
windows[:, :, 2] = 1.0
np.savez("data.npz", windows=windows, demand=demand)
