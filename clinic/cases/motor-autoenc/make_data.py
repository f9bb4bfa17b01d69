import numpy as np

rng = np.random.default_rng(105)
n, T = 1100, 16
t = np.arange(T)[None, :, None]
ph = rng.uniform(0, 6.28, (n, 1, 1))
amp = rng.uniform(0.6, 1.4, (n, 1, 1))
wave = np.concatenate([amp * np.sin(0.6 * t + ph), amp * np.cos(0.6 * t + ph)], 2) + 0.05 * rng.normal(size=(n, T, 2))
np.savez("data.npz", wave=wave.astype("float32"))
