import numpy as np

rng = np.random.default_rng(110)
n = 1500
z = np.zeros((n, 3))
for i in range(1, n):
    z[i] = 0.6 * z[i - 1] + 0.8 * rng.normal(size=3)
d = np.zeros(n)
for i in range(6, n):
    d[i] = z[i - 6 : i, 2].mean() * 1.5 + z[i - 4 : i, 1].mean()
d = d / d.std() + 0.15 * rng.normal(size=n)
with open("data.csv", "w") as f:
    f.write("odometer,stop_no,boarding,delay\n")
    for r, v in zip(z, d):
        f.write(f"{182000 + 9000 * r[0]:.0f},{60 + 15 * r[1]:.1f},{30 + 8 * r[2]:.2f},{v:.4f}\n")
