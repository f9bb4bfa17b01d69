import numpy as np

g = np.random.RandomState(5)
rows = []
for p in range(700):
    base = g.normal(88, 6)
    iron = g.normal(0, 1) + 0.15 * np.cumsum(g.normal(0, 1, 12))
    mcv = base + 2.0 * np.tanh(iron) + g.normal(0, 0.6, 12)
    nxt = mcv[-4:].mean() + 3.0 * iron[-1] + g.normal(0, 1.5)
    rows.append(np.concatenate([mcv, iron, [nxt]]))
np.savetxt("visits.csv", np.array(rows), delimiter=",", fmt="%.4f")
