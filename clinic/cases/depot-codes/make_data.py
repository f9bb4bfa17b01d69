import numpy as np

rng = np.random.default_rng(403)
n, steps, kinds = 1500, 10, 30
good = rng.permutation(kinds) < kinds // 2
events = rng.integers(0, kinds, (n, steps))
late = (good[events].sum(1) + 0.5 * rng.normal(size=n) > steps / 2).astype(int)
with open("depot.csv", "w") as out:
    for row, label in zip(events, late):
        out.write(",".join(map(str, row)) + f",{label}\n")
