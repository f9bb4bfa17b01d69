import numpy as np

rng = np.random.default_rng(422)
n, width = 1400, 30
lengths = rng.integers(14, width + 1, n)
steps = np.zeros((n, width))
rest = np.zeros(n)
for i in range(n):
    gap = rng.integers(0, 12)
    s = np.ones(lengths[i])
    if gap:
        s[-gap:] = 0
    steps[i, : lengths[i]] = s
    rest[i] = gap
np.savez("clicks.npz", steps=steps, lengths=lengths, rest=(rest - 5.5) / 3.5)
