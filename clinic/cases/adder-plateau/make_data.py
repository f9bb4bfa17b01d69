import numpy as np

rng = np.random.default_rng(90)
n, T = 2000, 24
x = np.zeros((n, T, 2))
x[:, :, 0] = rng.uniform(0, 1, (n, T))
first = rng.integers(0, T // 2, n)
second = rng.integers(T // 2, T, n)
x[np.arange(n), first, 1] = 1
x[np.arange(n), second, 1] = 1
y = x[np.arange(n), first, 0] + x[np.arange(n), second, 0]
np.savez("data.npz", x=x.astype("float32"), y=y.astype("float32"))
