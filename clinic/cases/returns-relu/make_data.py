import numpy as np

rng = np.random.default_rng(14)
n = 1200
drive = rng.normal(size=n)
r = np.zeros(n)
for t in range(3, n):
    r[t] = -0.5 * r[t - 1] - abs(0.8 * drive[t - 1] + 0.5 * drive[t - 2]) * 1.5 + 0.3 * rng.normal()
with open("data.csv", "w") as f:
    f.write("r,drive\n")
    for a, b in zip(r, drive):
        f.write(f"{a - 3:.5f},{b:.5f}\n")
