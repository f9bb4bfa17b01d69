import numpy as np

rng = np.random.default_rng(460)
n, steps = 1100, 24
x = 0.7 * rng.normal(size=(n, steps, 5))
word = rng.integers(0, 3, n)
for i in range(n):
    at = rng.integers(2, steps - 4)
    x[i, at : at + 4, word[i]] += 1.8
np.savez("speech.npz", x=x.astype("float32"), word=word)
