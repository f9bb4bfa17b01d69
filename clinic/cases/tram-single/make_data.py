import numpy as np

rng = np.random.default_rng(443)
n, steps = 1100, 8
x = rng.normal(size=(n, steps, 3))
signal = x[:, 2:, 0].mean(1) + x[:, -3:, 1].mean(1)
signal = signal / signal.std()
delay = signal + 1.6 * rng.standard_t(3, size=n) * (np.arange(n) < 850)
np.savez("trams.npz", x=x.astype("float32"), delay=delay.astype("float32"))
