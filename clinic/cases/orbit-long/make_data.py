import numpy as np

rng = np.random.default_rng(79)
thrust = rng.normal(size=(1000, 60, 1))
v = np.cumsum(thrust[:, :, 0], 1)
position = v[:, -1] * 0.8 + 0.3 * rng.normal(size=1000)
np.savez("data.npz", thrust=thrust.astype("float32"), position=position.astype("float32"))
