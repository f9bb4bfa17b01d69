import numpy as np

rng = np.random.default_rng(402)
n, steps = 1240, 15
track = rng.normal(size=(n, steps, 12))
w = rng.normal(size=12)
speed = (track * np.linspace(0.2, 1.0, steps)[None, :, None]) @ w
speed = np.tanh(speed.sum(1) / 6.0) + 0.4 * rng.normal(size=n)
speed = speed / speed.std()
np.savez("herons.npz", train_x=track[200:230], train_y=speed[200:230], test_x=track[:200], test_y=speed[:200])
