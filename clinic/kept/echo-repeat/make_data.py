import numpy as np

rng = np.random.default_rng(468)
n, length, signs = 1800, 4, 6
tones = rng.integers(0, signs, (n, length))
np.savez("echo.npz", heard=tones.astype("int32"), said=tones[:, ::-1].astype("int32"))
