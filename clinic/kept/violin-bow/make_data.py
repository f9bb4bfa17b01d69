import numpy as np

rng = np.random.default_rng(440)
n, t = 1200, 20
press = rng.normal(size=(n, t, 2))
for k in range(1, t):
    press[:, k] = 0.7 * press[:, k - 1] + 0.7 * press[:, k]
hand, arm = press[:, -4:, 0].mean(1), press[:, -2:, 1].mean(1)
tone = 1.6 * hand * arm + 0.3 * hand + 0.1 * rng.normal(size=n)
np.savez("bow.npz", press=press, tone=(tone - tone.mean()) / tone.std())
