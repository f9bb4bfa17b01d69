import numpy as np

rng = np.random.default_rng(445)
n, width, vocab = 1300, 18, 200
side = rng.permutation(vocab) < vocab // 2
text = rng.integers(0, vocab, (n, width))
label = (side[text].sum(1) > width / 2).astype("int32")
np.savez("opera.npz", text=text.astype("int32"), label=label)
