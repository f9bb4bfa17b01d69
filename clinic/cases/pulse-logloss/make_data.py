import numpy as np

rng = np.random.default_rng(71)
n = 1500
label = rng.integers(0, 2, n)
beats = rng.normal(size=(n, 30, 2)) * 0.3
beats[:, :, 0] += (2 * label[:, None] - 1) * 2.0
beats[:, :, 1] += np.sin(np.arange(30))[None]
np.savez("data.npz", beats=beats.astype("float32"), label=label.astype("float32"))
