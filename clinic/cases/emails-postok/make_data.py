import numpy as np

rng = np.random.default_rng(107)
n = 1150
labels = rng.integers(0, 2, n)
flat, cuts = [], []
for l in labels:
    k = rng.integers(14, 21)
    w = rng.integers(41, 200, k)
    s = rng.choice(k, 4, replace=False)
    w[s] = rng.integers(1, 21, 4) + 20 * l
    flat.extend(w)
    cuts.append(len(flat))
np.savez("data.npz", flat=np.array(flat, "int32"), cuts=np.array(cuts[:-1]), labels=labels)
