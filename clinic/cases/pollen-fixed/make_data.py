import numpy as np

rng = np.random.default_rng(465)
n, width, vocab = 1100, 14, 120
vectors = rng.normal(size=(vocab, 12))
text = rng.integers(0, vocab, (n, width))
label = (vectors[text][:, :, :2].sum((1, 2)) > 0).astype("int32")
np.savez("pollen.npz", text=text.astype("int32"), label=label, vectors=vectors.astype("float32"))
