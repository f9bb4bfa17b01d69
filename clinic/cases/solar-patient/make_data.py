import numpy as np

rng = np.random.default_rng(94)
x = rng.normal(size=(1250, 10, 4))
y = 0.6 * x[:, 3:, 0].sum(1) - 0.4 * x[:, :, 1].sum(1) + 0.2 * rng.normal(size=1250)
np.savez("data.npz", x=(5 * x + 20).astype("float32"), y=(y / y.std()).astype("float32"))
