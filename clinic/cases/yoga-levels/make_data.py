import numpy as np

rng = np.random.default_rng(70)
n, t = 760, 22
hold = rng.normal(size=(n, t)).cumsum(1) * 0.3
shake = rng.normal(size=(n, t)) * np.exp(0.5 * rng.normal(size=(n, 1)))
s = shake.std(1) - 0.3 * hold[:, -1]
level = 1 + (s + 0.15 * rng.normal(size=n) > np.median(s))
np.savetxt("poses.csv", np.c_[hold, shake, level], delimiter=",", fmt="%.4f")
