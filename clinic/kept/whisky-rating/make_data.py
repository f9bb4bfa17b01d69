import numpy as np

rng = np.random.default_rng(92)
n, t = 900, 14
sip = rng.normal(size=(n, t, 4)).astype("float32")
s = 0.9 * sip[:, :, 0].mean(1) * np.sqrt(t) + 0.5 * sip[:, -1, 2] - 0.4 * sip[:, -2, 1]
np.savez("tasting.npz", sip=sip, score=np.clip(0.5 + 0.16 * s + 0.02 * rng.normal(size=n), 0, 1))
