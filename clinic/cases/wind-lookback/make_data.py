import numpy as np

rng = np.random.default_rng(68)
n = 1300
v = np.zeros(n)
for t in range(4, n):
    v[t] = -0.93 * v[t - 4] + 0.35 * rng.normal()
np.savetxt("data.csv", 9 + 2 * v, fmt="%.3f")
