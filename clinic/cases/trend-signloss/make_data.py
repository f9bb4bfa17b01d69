import numpy as np

rng = np.random.default_rng(101)
r = np.zeros(1300)
e = rng.normal(size=1300)
for t in range(2, 1300):
    r[t] = -0.93 * r[t - 2] + 0.4 * e[t]
np.savetxt("data.csv", r, fmt="%.5f")
