import numpy as np

rng = np.random.default_rng(73)
n, T = 1300, 30
sick = rng.integers(0, 2, n)
signal = rng.normal(size=(n, T, 1))
signal[:, ::5, 0] += np.where(sick, 1.2, -1.2)[:, None]
signal[:, 2::5, 0] -= np.where(sick, 0.6, -0.6)[:, None]
np.savez("data.npz", signal=signal.astype("float32"), sick=sick.astype("float32"))
