import numpy as np

rng = np.random.default_rng(442)
n, width, vocab = 1500, 30, 900
rude = rng.permutation(np.arange(1, vocab))[:450]
marks = np.zeros(vocab, int)
marks[rude] = 1
posts = rng.integers(1, vocab, (n, width))
share = marks[posts].mean(1) - 0.5
label = rng.integers(0, 2, n)
for i in range(n):
    want = np.flatnonzero(marks == label[i])
    want = want[want > 0]
    spots = rng.choice(width, 9, replace=False)
    posts[i, spots] = rng.choice(want, 9)
np.savez("forum.npz", posts=posts.astype("int32"), label=label)
