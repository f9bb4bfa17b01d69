import numpy as np

rng = np.random.default_rng(408)
n, columns = 1100, 24
table = rng.normal(size=(n, columns))
risk = table[:, 3] * 1.0 - table[:, 17] + 0.8 * np.maximum(table[:, 8], 0) - 0.7 * table[:, 21] + 0.6 * table[:, 11]
risk = risk / risk.std() + 0.15 * rng.normal(size=n)
names = [f"c{i}" for i in range(columns)] + ["risk"]
np.savetxt("credit.csv", np.c_[table, risk], delimiter=",", header=",".join(names), comments="", fmt="%.4f")
