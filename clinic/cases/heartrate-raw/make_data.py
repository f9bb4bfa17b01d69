import numpy as np

rng = np.random.default_rng(190)
n, t = 850, 30
act = np.abs(rng.normal(size=(n, t))).cumsum(1)
act = (act - act.mean()) / act.std() * 0.3 + rng.normal(size=(n, t))
tilt = rng.normal(size=(n, t))
bpm = 118 + 11 * (0.8 * act[:, -8:].mean(1) * 2 + 0.4 * tilt[:, -1] + 0.25 * rng.normal(size=n))
np.savez("watch.npz", act=act, tilt=tilt, bpm=bpm)
