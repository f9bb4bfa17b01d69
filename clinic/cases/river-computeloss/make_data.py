import numpy as np

rng = np.random.default_rng(3)
rain = rng.gamma(1.0, 1.0, size=(1200, 20, 2)) - 1.0
k = 0.8 ** np.arange(20)[::-1]
level = (rain[:, :, 0] * k).sum(1) + 0.4 * (rain[:, :, 1] * k).sum(1)
level = (level - level.mean()) / level.std() + 0.1 * rng.normal(size=1200)
np.savez("data.npz", rain=rain.astype("float32"), level=level.astype("float32"))
