import numpy as np

rng = np.random.default_rng(77)
hours = 1500
inflow = np.zeros(hours)
wind = np.zeros(hours)
for i in range(1, hours):
    inflow[i] = 0.93 * inflow[i - 1] + rng.normal() * 0.35
    wind[i] = 0.8 * wind[i - 1] + rng.normal() * 0.6
sal = np.zeros(hours)
for i in range(1, hours):
    sal[i] = 0.85 * sal[i - 1] + 0.25 * np.tanh(wind[i - 1]) - 0.35 * inflow[i - 1] + 0.05 * rng.normal()
sal = 2.6 + 1.1 * (sal - sal.mean()) / sal.std()
np.save("fjord.npy", np.column_stack([inflow, wind, sal]))
