import numpy as np

rng = np.random.default_rng(436)
n, steps, k = 1200, 14, 4
crop = np.sort(rng.integers(0, k, n))
shape = rng.normal(size=(k, 3))
x = 0.4 * shape[crop][:, None] + rng.normal(size=(n, steps, 3))
hold = rng.choice(n, 200, replace=False)
keep = np.setdiff1d(np.arange(n), hold)
np.savez("crops.npz", x=x[keep], y=crop[keep], x_new=x[hold], y_new=crop[hold])
