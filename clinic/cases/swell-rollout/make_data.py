import numpy as np

rng = np.random.default_rng(411)
t = np.arange(2200)
swell = np.sin(2 * np.pi * t / 100) + 0.3 * rng.normal(size=len(t))
np.savetxt("swell.txt", swell)
