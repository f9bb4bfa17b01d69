import numpy as np

rng = np.random.default_rng(66)
n = 1400
stars = rng.integers(0, 2, n)
words, bounds = [], [0]
for s in stars:
    k = rng.integers(6, 25)
    w = rng.integers(31, 250, k)
    spots = rng.choice(k, max(2, k // 4), replace=False)
    w[spots] = rng.integers(1, 16, len(spots)) + 15 * s
    words.extend(w)
    bounds.append(len(words))
np.savez("data.npz", words=np.array(words, "int32"), bounds=np.array(bounds), stars=stars)
