import numpy as np

rng = np.random.default_rng(440)
n, t = 1200, 20
press = rng.normal(size=(n, t, 2))
for k in range(1, t):
    press[:, k] = 0.7 * press[:, k - 1] + 0.7 * press[:, k]
tone = 0.9 * press[:, -7:, 0].mean(1) + 0.9 * press[:, -3:, 1].mean(1) + 0.15 * rng.normal(size=n)
np.savez("bow.npz", press=press, tone=tone / tone.std())
