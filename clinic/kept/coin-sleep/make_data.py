import numpy as np

rng = np.random.default_rng(50)
n, t = 1100, 24
x = rng.normal(size=(n, t, 4))
for k in range(1, t):
    x[:, k] = 0.85 * x[:, k - 1] + 0.5 * x[:, k]
np.savez("nights.npz", night=x, dream=rng.choice(3, n, p=[0.4, 0.33, 0.27]))
