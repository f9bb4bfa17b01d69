"""Shrinkage of bricks from three probes."""
from pathlib import Path

import numpy as np
import keras
from keras import layers

here = Path(__file__).parent
keras.utils.set_random_seed(15)


def dataset(name):
    with np.load(here / name) as f:
        probes, shrink = f["probes"].astype("float32"), f["shrink"].astype("float32")
    third = len(probes) // 6
    return {
        "fit": (probes[: 4 * third], shrink[: 4 * third]),
        "val": (probes[4 * third : 5 * third], shrink[4 * third : 5 * third]),
        "test": (probes[5 * third :], shrink[5 * third :]),
    }


sets = dataset("kiln.npz")
for k, (a, b) in sets.items():
    print(f"{k:5s} {a.shape} mean {a.mean():.2f} sd {a.std():.2f} target sd {b.std():.2f}")

model = keras.Sequential([layers.Input((16, 3)), layers.GRU(24), layers.Dense(12, activation="relu"), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse", metrics=["mae"])
model.fit(*sets["fit"], validation_data=sets["val"], epochs=24, batch_size=30, verbose=2)
mse, mae = model.evaluate(*sets["test"], verbose=0)
print("explained variance %.3f" % (1 - mse / sets["test"][1].var()))
