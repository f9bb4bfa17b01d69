import numpy as np

rng = np.random.default_rng(1013)
n, t = 900, 24
p = np.zeros((n, t))
for i in range(n):
    walk = np.cumsum(rng.normal(rng.normal(0, 0.5), 0.6, t))
    p[i] = 1013 + rng.normal(0, 5) + walk
fall = p[:, -1] - p[:, -9]
gale = (fall + rng.normal(0, 1.0, n) < -0.8).astype(int)
np.savez("barometer.npz", hpa=p, gale=gale)
