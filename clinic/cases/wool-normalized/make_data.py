import numpy as np

rng = np.random.default_rng(421)
n, width = 1200, 130
x = np.zeros((n, width, 2))
grade = rng.integers(0, 2, n)
for i in range(n):
    length = rng.integers(8, 22)
    x[i, :length] = 20.0 + 4.0 * rng.normal(size=(length, 2))
    x[i, :length, 0] += 3.0 * (2 * grade[i] - 1) * (np.arange(length) < 8)
np.savez_compressed("wool.npz", fibre=x.astype("float32"), grade=grade)
