import numpy as np

rng = np.random.default_rng(19)
n, t = 520, 14
arm = rng.integers(0, 2, n)
x = rng.normal(size=(n, t, 2))
x[:, :, 0] += np.where(arm == 1, 0.025, -0.025)[:, None] * np.arange(t)
x[:, :, 1] += 0.15 * arm[:, None]
np.savez("trial.npz", x=x, arm=arm)
