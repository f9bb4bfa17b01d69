import numpy as np

rng = np.random.default_rng(404)
n, steps, k = 1200, 20, 4
stroke = rng.integers(0, k, n)
phase = rng.uniform(0, 6.28, (n, 1))
t = np.arange(steps)
x = np.stack([np.sin(t * (0.3 + 0.2 * stroke[:, None]) + phase), np.cos(t * 0.4 * (1 + stroke[:, None] % 2) + phase)], -1)
x = x + 0.35 * rng.normal(size=x.shape)
test = rng.choice(n, 240, replace=False)
rest = np.setdiff1d(np.arange(n), test)
np.savez("swim.npz", x=x[rest], y=stroke[rest], x_test=x[test], y_test=stroke[test])
