import numpy as np

rng = np.random.default_rng(451)
n, t = 900, 32
k = np.arange(t)
rise = rng.uniform(0.05, 0.2, (n, 1))
top = rng.uniform(0.6, 1.4, (n, 1))
x = top * (1 - np.exp(-rise * k)) + 0.04 * rng.normal(size=(n, t))
door = (rng.random((n, t)) < 0.06).astype(float)
x -= 0.15 * door
y = 3 * (rise[:, 0] - 0.125) / 0.0433 * 0.33 - 1.2 * (top[:, 0] - 1) + 0.15 * (door.sum(1) - 2)
np.savez("oven.npz", trace=np.stack([x, door], 2), crust=(y - y.mean()) / y.std())
