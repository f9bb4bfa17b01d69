import numpy as np

rng = np.random.default_rng(300)
n, t = 840, 26
w = rng.integers(0, 3, n)
x = rng.normal(0, 0.6, (n, t, 3))
tt = np.arange(t)
for i in range(n):
    x[i, :, 0] += np.sin(tt * (0.35 + 0.25 * w[i]) + rng.uniform(0, 6))
    x[i, :, 1] += 0.4 * (w[i] - 1)
np.savez("spools.npz", x=x.astype("f4"), wear=np.eye(3)[w])
