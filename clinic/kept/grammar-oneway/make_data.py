import numpy as np

rng = np.random.default_rng(432)
n, steps, vocab = 900, 14, 20
words = rng.integers(1, vocab, (n, steps))
heavy = rng.permutation(vocab) < vocab // 2
ahead1 = np.concatenate([words[:, 1:], np.ones((n, 1), int)], 1)
ahead2 = np.concatenate([words[:, 2:], np.ones((n, 2), int)], 1)
tags = (heavy[ahead1] ^ heavy[ahead2]).astype("int32")
np.savez("grammar.npz", words=words.astype("int32"), tags=tags)
