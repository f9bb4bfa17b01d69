import numpy as np

rng = np.random.default_rng(429)
n, steps, k = 1500, 12, 8
dish = rng.integers(0, k, n)
centre = rng.normal(size=(k, 6))
x = 0.45 * centre[dish][:, None] + rng.normal(size=(n, steps, 6)) * 0.7
np.savez("menu.npz", x=x.astype("float32"), dish=dish)
