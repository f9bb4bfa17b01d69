import numpy as np

rng = np.random.default_rng(471)
n, steps, k = 1100, 14, 4
tree = np.sort(rng.integers(0, k, n))
shape = rng.normal(size=(k, 3))
x = 0.7 * shape[tree][:, None] + rng.normal(size=(n, steps, 3))
np.savez("orchard.npz", x=x, tree=tree)
