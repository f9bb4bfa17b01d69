import numpy as np

rng = np.random.default_rng(410)
n = 1600
flow = np.zeros(n)
price = np.zeros(n)
price[0] = 60.0
for t in range(1, n):
    flow[t] = 0.5 * flow[t - 1] + rng.normal()
    price[t] = price[t - 1] + 0.1 * (60 - price[t - 1]) * 0.05 + 0.25 * flow[t - 1] + 0.15 * rng.normal()
np.savetxt("copper.csv", np.c_[price, flow], delimiter=",")
