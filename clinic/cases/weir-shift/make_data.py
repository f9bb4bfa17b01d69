import numpy as np

rng = np.random.default_rng(409)
n = 1500
gate = rng.normal(size=(n, 2))
flow = np.zeros(n)
for t in range(3, n):
    flow[t] = gate[t, 0] + 0.7 * gate[t - 1, 0] - 0.6 * gate[t - 1, 1] + 0.1 * rng.normal()
np.savez("weir.npz", gate=gate, flow=flow)
