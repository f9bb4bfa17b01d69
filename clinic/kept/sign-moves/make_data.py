import numpy as np

rng = np.random.default_rng(7)
n, t = 880, 28
kind = rng.integers(0, 4, n)
u = np.linspace(0, 1, t)
x = np.zeros((n, t, 2))
for i, k in enumerate(kind):
    f = 2 * np.pi * (u * rng.uniform(0.8, 1.3) + rng.uniform(0, 0.2))
    x[i] = {
        0: np.c_[np.cos(f), np.sin(f)],
        1: np.c_[np.cos(f), -np.sin(f)],
        2: np.c_[2 * u - 1, np.abs(2 * u - 1)],
        3: np.c_[np.sin(2 * f), np.cos(f)],
    }[k]
x += rng.normal(0, 0.25, x.shape)
np.savez("strokes.npz", xy=x, sign=kind + 11)
