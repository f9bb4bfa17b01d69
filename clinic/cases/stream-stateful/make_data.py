import numpy as np

rng = np.random.default_rng(99)
S, L = 10, 8 * 100
signal = rng.normal(size=(S, L))
goal = np.zeros((S, L))
g = np.zeros(S)
for t in range(L):
    g = 0.9 * g + 0.4 * signal[:, t]
    goal[:, t] = g
np.savez("data.npz", signal=signal.astype("float32"), goal=goal.astype("float32"))
