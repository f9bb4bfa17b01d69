import numpy as np

rng = np.random.default_rng(2)
n, t, f = 1000, 20, 8
z = rng.normal(size=(n, t, f))
for k in range(1, t):
    z[:, k] = 0.6 * z[:, k - 1] + 0.8 * z[:, k]
y = 0.7 * z[:, -1, 0] + 0.6 * z[:, -4:, 3].mean(1) - 0.5 * z[:, -2, 5] + 0.2 * rng.normal(size=n)
np.savez("house.npz", sensors=293 + 6 * z, growth=(y - y.mean()) / y.std())
