import numpy as np

rng = np.random.default_rng(96)
t = np.arange(1000)
s = np.sin(t * 0.4) + 0.6 * np.sin(t * 0.93) + 0.1 * rng.normal(size=1000)
np.savetxt("data.csv", 40 + 6 * s, fmt="%.3f")
