import numpy as np

rng = np.random.default_rng(407)
n, channels, steps = 1500, 3, 16
echo = rng.normal(size=(n, channels, steps))
same = (echo[:, 0] * echo[:, 1]).mean(1) + 0.3 * echo[:, 2].mean(1)
approaching = (same > np.median(same)).astype("int32")
np.save("echo.npy", echo.astype("float32"))
np.save("approaching.npy", approaching)
