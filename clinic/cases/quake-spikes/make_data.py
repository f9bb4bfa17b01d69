import numpy as np

rng = np.random.default_rng(447)
n, steps = 1300, 12
x = rng.normal(size=(n, steps, 3))
y = x[:, -6:, 0].mean(1) + 0.7 * x[:, -3:, 1].mean(1)
y = y / y.std() + 0.1 * rng.normal(size=n)
bad = rng.choice(1000, 7, replace=False)
y[bad] = rng.choice([-1, 1], 7) * rng.uniform(500, 1500, 7)
np.savez("quakes.npz", x=x.astype("float32"), y=y.astype("float32"))
