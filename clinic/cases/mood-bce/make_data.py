import numpy as np

rng = np.random.default_rng(6)
n = 1100
seq = rng.normal(size=(n, 14, 6))
mood = seq[:, :, :3].sum(1).argmax(1)
np.savez("data.npz", seq=seq.astype("float32"), mood=mood.astype("int32"))
