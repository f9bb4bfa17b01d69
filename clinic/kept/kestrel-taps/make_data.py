import numpy as np

rng = np.random.default_rng(8)
n, t = 1100, 25
bird = rng.integers(0, 4, n)
amp = np.array([1.0, 0.55, 0.8, 1.1])[bird][:, None] * rng.uniform(0.8, 1.2, (n, 1))
w = np.array([0.9, 0.6, 1.3, 0.3])[bird][:, None] + rng.normal(0, 0.07, (n, 1))
ph = rng.uniform(0, 6.28, (n, 1))
x = amp * np.sin(w * np.arange(t) + ph) + rng.normal(0, 0.25, (n, t))
np.savetxt("flaps.txt", np.c_[bird, x], fmt="%.4f")
