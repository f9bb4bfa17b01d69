import numpy as np

rng = np.random.default_rng(461)
n = 1900
flow = np.zeros(n)
price = np.full(n, 60.0)
for t in range(1, n):
    flow[t] = 0.5 * flow[t - 1] + rng.normal()
    price[t] = price[t - 1] + 0.2 * flow[t - 1] + 0.3 * rng.normal()
np.savetxt("market.csv", np.c_[price, flow], delimiter=",")
