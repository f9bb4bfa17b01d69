import numpy as np

rng = np.random.default_rng(86)
n = 1500
gate = rng.normal(size=(n, 3))
level = np.zeros(n)
for i in range(6, n):
    level[i] = 0.9 * gate[i - 3, 0] + 0.7 * gate[i - 5, 1] - 0.5 * gate[i - 4, 2] + 0.25 * rng.normal()
np.savez("canal.npz", gate=gate, level=level)
