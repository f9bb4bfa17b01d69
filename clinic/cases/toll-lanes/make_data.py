import numpy as np

rng = np.random.default_rng(33)
hours = 1400
h = np.arange(hours)
daily = np.sin(2 * np.pi * h / 24) + 0.4 * np.sin(4 * np.pi * h / 24 + 1)
weekly = 0.3 * np.sin(2 * np.pi * h / 168)
e = np.zeros(hours)
for i in range(1, hours):
    e[i] = 0.7 * e[i - 1] + 0.2 * rng.normal()
cars = 205 + 42 * (daily + weekly + e)
np.savetxt("toll.csv", np.c_[h, cars], delimiter=",", fmt="%.3f")
