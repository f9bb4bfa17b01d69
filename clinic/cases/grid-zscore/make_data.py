import numpy as np

rng = np.random.default_rng(61)
n = 1300
a = np.zeros(n)
temp = 15 + 8 * np.sin(np.arange(n) / 12) + rng.normal(size=n)
for t in range(1, n):
    a[t] = 0.5 * a[t - 1] - 0.06 * (temp[t - 1] - 15) + 0.15 * rng.normal()
with open("data.csv", "w") as f:
    f.write("load,temp,station\n")
    for u, v in zip(a, temp):
        f.write(f"{50 + 10 * u:.3f},{v:.2f},4\n")
