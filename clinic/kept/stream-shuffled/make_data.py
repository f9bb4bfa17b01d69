import numpy as np

rng = np.random.default_rng(434)
streams, length = 10, 4 * 110
signal = rng.normal(size=(streams, length))
goal = np.zeros((streams, length))
level = np.zeros(streams)
for t in range(length):
    level = 0.95 * level + 0.3 * signal[:, t]
    goal[:, t] = level + 0.05 * rng.normal(size=streams)
np.savez("streams.npz", signal=signal.astype("float32"), goal=goal.astype("float32"))
