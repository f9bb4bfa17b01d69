import numpy as np

rng = np.random.default_rng(469)
n, steps, kinds = 1100, 10, 40
loans = rng.integers(0, kinds - 12, (n, steps))
likes = rng.permutation(kinds) < kinds // 2
label = (likes[loans][:, -7:].sum(1) + 0.3 * rng.normal(size=n) > 3.5).astype("int32")
np.savez("library.npz", loans=loans, label=label)
