import numpy as np

rng = np.random.default_rng(405)
n = 1600
dose = rng.normal(size=n)
temp = rng.normal(size=n)
gas = np.zeros(n)
for t in range(14, n):
    gas[t] = 0.9 * dose[t - 12] + 0.6 * dose[t - 11] * (temp[t - 12] > 0) + 0.15 * rng.normal()
np.savetxt("brew.csv", np.c_[dose, temp, gas], delimiter=",", header="dose,temp,gas", comments="")
