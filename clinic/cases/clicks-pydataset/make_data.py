import numpy as np

rng = np.random.default_rng(104)
x = rng.uniform(0, 10, size=(1200, 15, 2))
s = x[:, 5:, 0].mean(1) - x[:, :, 1].mean(1)
y = (s > 0).astype("float32")
np.savez("data.npz", x=x.astype("float32"), y=y, w=rng.uniform(0.5, 2, 1200).astype("float32"))
