import numpy as np

rng = np.random.default_rng(44)
n, T, k = 1500, 12, 10
letter = rng.integers(0, k, n)
shape = np.cumsum(rng.normal(size=(k, T, 2)), axis=1) * 0.4
strokes = shape[letter] + 0.35 * rng.normal(size=(n, T, 2))
np.savez("data.npz", strokes=strokes.astype("float32"), letter=letter.astype("int32"))
