import numpy as np

rng = np.random.default_rng(91)
n, T = 1400, 25
topic = rng.integers(0, 4, n)
notes = np.zeros((n, T), "int32")
for i, k in enumerate(topic):
    m = rng.integers(8, T + 1)
    w = rng.integers(61, 220, m)
    s = rng.choice(m, m // 3, replace=False)
    w[s] = 1 + 15 * k + rng.integers(0, 15, len(s))
    notes[i, :m] = w
np.savez("data.npz", notes=notes, topic=topic)
