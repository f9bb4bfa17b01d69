import numpy as np

rng = np.random.default_rng(446)
n, steps = 1200, 40
x = 0.3 * rng.normal(size=(n, steps, 2))
kind = rng.integers(0, 2, n)
x[:, 1:12, 0] += 0.8 * (2 * kind - 1)[:, None]
np.savez("sonar.npz", x=x.astype("float32"), kind=kind)
