import numpy as np

rng = np.random.default_rng(55)
days = 1000
lam = 14 + 8 * np.sin(np.arange(days) * 2 * np.pi / 7) + 4 * np.sin(np.arange(days) / 40)
sold = rng.poisson(lam)
sold[[311, 672, 673]] = 0
price = 20 + rng.normal(0, 2, days)
with open("kiosk.csv", "w") as f:
    f.write("day,sold,price\n")
    for i in range(days):
        f.write(f"{i},{sold[i]},{price[i]:.2f}\n")
