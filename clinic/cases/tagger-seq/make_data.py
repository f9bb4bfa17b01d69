import numpy as np

rng = np.random.default_rng(106)
n, T = 1000, 20
words = np.zeros((n, T), "int32")
tags = np.zeros((n, T), "int32")
kind = rng.integers(0, 4, 150)
for i in range(n):
    m = rng.integers(8, T + 1)
    w = rng.integers(1, 150, m)
    words[i, :m] = w
    tags[i, 0] = kind[w[0]]
    tags[i, 1:m] = np.where(kind[w[:-1]] == 2, 4, kind[w[1:]])
np.savez("data.npz", words=words, tags=tags)
