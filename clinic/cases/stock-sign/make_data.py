import numpy as np

rng = np.random.default_rng(65)
n = 1520
r = np.zeros(n)
for t in range(3, n):
    r[t] = 0.7 * r[t - 1] - 0.75 * r[t - 2] + rng.normal()
p = 100 * np.exp(np.cumsum(r) * 0.004)
with open("data.csv", "w") as f:
    f.write("day,close\n")
    for i, v in enumerate(p):
        f.write(f"{i},{v:.5f}\n")
