import numpy as np

rng = np.random.default_rng(401)
n, steps = 1000, 18
level = np.clip(rng.normal(120, 30, (n, steps, 2)), 1, 250)
flow = 0.02 * level[:, -6:, 0].mean(1) + 0.01 * level[:, :, 1].mean(1)
flow = (flow - flow.mean()) / flow.std() + 0.2 * rng.normal(size=n)
np.savez("sluice.npz", level=level.round(1), flow=flow)
