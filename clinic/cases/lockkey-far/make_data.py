import numpy as np

rng = np.random.default_rng(406)
n, steps = 640, 400
x = 0.6 * rng.normal(size=(n, steps, 2))
key = rng.integers(0, 2, n)
x[:, 2:6, 0] += np.where(key == 1, 1.6, -1.6)[:, None]
np.savez_compressed("locks.npz", x=x.astype("float32"), key=key)
