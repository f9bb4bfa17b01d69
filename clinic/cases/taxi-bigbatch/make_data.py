import numpy as np

rng = np.random.default_rng(97)
x = rng.normal(size=(4600, 10, 4))
y = np.stack([x[:, :, 0].sum(1), x[:, 4:, 1].sum(1) * 1.3, x[:, :6, 2].sum(1) * 1.3], 1).argmax(1)
np.savez("data.npz", x=x.astype("float32"), y=y)
