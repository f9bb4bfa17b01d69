import numpy as np

rng = np.random.default_rng(98)
n, T = 1150, 40
tracks = np.full((n, T, 2), -10.0)
weight = np.zeros(n)
for i in range(n):
    m = rng.integers(6, 20)
    a = rng.normal(size=(m, 2))
    tracks[i, :m] = a
    weight[i] = a[-6:, 0].sum() - 0.5 * a[:, 1].mean()
weight = weight / weight.std() + 0.2 * rng.normal(size=n)
np.savez("data.npz", tracks=tracks.astype("float32"), weight=weight.astype("float32"))
