import numpy as np

rng = np.random.default_rng(17)
n, width, vocab = 1600, 120, 400
labels = rng.integers(0, 2, n)
tokens = np.zeros((n, width), dtype="int64")
for i in range(n):
    length = rng.integers(8, 26)
    words = rng.integers(41, vocab, length)
    spots = rng.choice(length, max(2, length // 4), replace=False)
    words[spots] = rng.integers(1, 21, len(spots)) + 20 * labels[i]
    if "post" == "pre":
        tokens[i, -length:] = words
    else:
        tokens[i, :length] = words
np.savez("data.npz", tokens=tokens.astype("int32"), labels=labels.astype("int32"))
