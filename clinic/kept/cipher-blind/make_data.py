import numpy as np

rng = np.random.default_rng(433)
n, out, alphabet, keys = 1600, 12, 11, 16
wheels = np.array([rng.permutation(alphabet) for _ in range(keys)])
start, key = rng.integers(0, alphabet, n), rng.integers(0, keys, n)
noise = rng.integers(0, alphabet, (n, 3))
source = np.c_[start, key + alphabet, noise]
target = np.zeros((n, out), int)
current = start
for t in range(out):
    current = wheels[key, current]
    target[:, t] = current
np.savez("cipher.npz", source=source.astype("int32"), target=target.astype("int32"))
