import numpy as np

rng = np.random.default_rng(2000)
n = 1200
catch = rng.normal(size=(n, 5))
pull = np.tanh(catch[:, 0] + 0.5 * catch[:, 1]) + 0.4 * catch[:, 2] * (catch[:, 3] > 0) + 0.15 * rng.normal(size=n)
np.savetxt("strokes.csv", np.c_[catch, pull], delimiter=",", fmt="%.5f")
