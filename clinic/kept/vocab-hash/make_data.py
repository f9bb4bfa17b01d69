import numpy as np

rng = np.random.default_rng(12)
n, T = 900, 18
zipf = 1.0 / np.arange(1, 391) ** 0.7
w = rng.choice(390, (n, T), p=zipf / zipf.sum()) + 1
gain = rng.normal(size=400)
s = gain[w].mean(1)
np.savez("posts.npz", words=w, angry=(s > np.median(s)).astype(int), common=np.array([300]))
