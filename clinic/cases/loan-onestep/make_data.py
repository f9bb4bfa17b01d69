import numpy as np

rng = np.random.default_rng(108)
X = rng.normal(size=(1200, 6))
s = X[:, 0] * X[:, 1] + X[:, 2] - 0.5 * X[:, 4]
y = s + 0.2 * rng.normal(size=1200) > 0
with open("data.csv", "w") as f:
    f.write("income,age,debt,years,loans,rent,default\n")
    for r, l in zip(X * [900, 10, 400, 5, 2, 200] + [3000, 40, 900, 8, 3, 700], y):
        f.write(",".join(f"{v:.2f}" for v in r) + f",{int(l)}\n")
