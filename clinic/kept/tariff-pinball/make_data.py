import numpy as np

rng = np.random.default_rng(21)
hours = 1300
u = np.zeros(hours)
w = np.zeros(hours)
for i in range(1, hours):
    w[i] = 0.85 * w[i - 1] + 0.5 * rng.normal()
    u[i] = 0.6 * u[i - 1] - 0.5 * w[i - 1] + 0.5 * np.sin(i * 2 * np.pi / 24) + 0.25 * rng.standard_t(5)
np.save("power.npy", np.stack([(u - u.mean()) / u.std(), w / w.std()], 1).astype("float32"))
