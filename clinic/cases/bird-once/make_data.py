import numpy as np

rng = np.random.default_rng(75)
n, K = 1300, 6
species = rng.integers(0, K, n)
song = np.cumsum(rng.normal(size=(K, 15, 8)), 1) * 0.25
mel = song[species] + 0.8 * rng.normal(size=(n, 15, 8))
np.savez("data.npz", mel=mel.astype("float32"), species=species)
