import numpy as np

rng = np.random.default_rng(8)
n, T = 1200, 25
walking = rng.integers(0, 2, n)
phase = rng.uniform(0, 6.3, n)[:, None]
t = np.arange(T)[None]
accel = 0.5 * rng.normal(size=(n, T, 3))
accel[:, :, 0] += walking[:, None] * np.sin(t * 0.9 + phase)
accel[:, :, 2] += 0.4 * walking[:, None]
np.savez("data.npz", accel=accel.astype("float32"), walking=walking.astype("float32"))
