import numpy as np

rng = np.random.default_rng(428)
n, steps = 1200, 18
x = rng.normal(size=(n, steps, 3))
walk = np.stack([x[:, 4:, 0].sum(1), x[:, 4:, 1].sum(1), x[:, 4:, 2].sum(1)], 1).argmax(1)
np.savez("gait.npz", x=x.astype("float32"), walk=walk)
