import numpy as np

rng = np.random.default_rng(11)
n, steps = 1300, 24
x = np.zeros((n, steps, 4))
level = rng.normal(size=(n, 4)) * 0.7
e = np.zeros((n, 4))
for t in range(steps):
    e = 0.6 * e + rng.normal(size=(n, 4)) * 0.6
    x[:, t] = level + e
score = x[:, :, 0].mean(1) + 0.8 * x[:, :, 1].mean(1) * np.sign(1.0) - 0.6 * x[:, -6:, 2].mean(1)
score = score + 0.3 * score.std() * rng.normal(size=n)
y = (score > np.median(score)).astype(int)
x = 50000.0 + 9000.0 * x
np.savez("data.npz", x=x, y=y)
