import numpy as np

rng = np.random.default_rng(62)
n = 1400
z = np.zeros((n, 4))
for t in range(1, n):
    z[t] = 0.7 * z[t - 1] + 0.7 * rng.normal(size=4)
comfort = np.zeros(n)
for t in range(5, n):
    comfort[t] = z[t - 5 : t, 2].mean() + z[t - 3 : t, 3].mean()
comfort = comfort / comfort.std() + 0.2 * rng.normal(size=n)
with open("data.csv", "w") as f:
    f.write("pressure_pa,co2_ppm,temp_k,humidity,comfort\n")
    for r, c in zip(z, comfort):
        f.write(f"{101300 + 600 * r[0]:.1f},{520 + 90 * r[1]:.1f},{291 + 4 * r[2]:.2f},{0.5 + 0.1 * r[3]:.3f},{c:.4f}\n")
