import numpy as np

rng = np.random.default_rng(314)
n, L = 1000, 16
step = rng.integers(0, 3, (n, L)) - 1
pos = step.cumsum(1)
wet = (pos[:, -5:].mean(1) + 0.6 * rng.normal(size=n) > 0.4).astype(int)
np.savez_compressed("tracks.npz", step=step, pos=pos, wet=wet)
