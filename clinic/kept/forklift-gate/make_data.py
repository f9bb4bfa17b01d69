import numpy as np

rng = np.random.default_rng(2024)
n, steps = 900, 30
ride = np.zeros((n, steps, 2), "float32")
v = rng.normal(0, 1, (n, 2))
for k in range(steps):
    v = 0.8 * v + 0.6 * rng.normal(0, 1, (n, 2))
    ride[:, k] = v
truck = rng.normal(0, 1, (n, 3)).astype("float32")
s = ride[:, -10:, 0].mean(1) * 1.6 + 0.7 * truck[:, 1] + rng.normal(0, 0.3, n)
np.savez("rides.npz", ride=ride, truck=truck, tipped=(s > 0.1).astype("int8"))
