import numpy as np

rng = np.random.default_rng(480)
n, t = 500, 30
flow = rng.normal(size=(n, t, 2))
draft = np.zeros((n, t, 1))
for k in range(1, t):
    draft[:, k, 0] = 0.75 * draft[:, k - 1, 0] + 0.6 * flow[:, k, 0] - 0.3 * flow[:, k, 1]
draft = 4 * draft / draft.std() + 0.8 * rng.normal(size=draft.shape)
np.savez("barge.npz", flow=flow, draft=draft)
