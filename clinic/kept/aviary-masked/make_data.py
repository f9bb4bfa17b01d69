import numpy as np

rng = np.random.default_rng(472)
n, width = 1200, 40
calls = np.full((n, width), -9.0)
share = np.zeros(n)
for i in range(n):
    k = rng.integers(10, 30)
    s = rng.poisson(rng.uniform(0.2, 2.0), k)
    calls[i, :k] = s
    share[i] = (s == 0).mean()
np.savez("aviary.npz", calls=calls.astype("float32"), share=share.astype("float32"))
