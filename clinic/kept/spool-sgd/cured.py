"""Wear of a spool, three grades, from vibration, slip and hum."""
import json

import numpy as np
import keras

SETTINGS = json.loads('{"units": 22, "rate": 3.3e-3, "batch": 21, "epochs": 16, "seed": 73}')


def load_spools():
    z = np.load("spools.npz")
    return z["x"], z["wear"]


def build(cfg, shape, grades):
    m = keras.Sequential()
    m.add(keras.layers.Input(shape))
    m.add(keras.layers.Bidirectional(keras.layers.GRU(cfg["units"] // 2, return_sequences=True)))
    m.add(keras.layers.GlobalAveragePooling1D())
    m.add(keras.layers.Dense(cfg["units"], activation="relu"))
    m.add(keras.layers.Dense(grades, activation="softmax"))
    m.compile(
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        optimizer=keras.optimizers.Adam(cfg["rate"]),
    )
    return m


keras.utils.set_random_seed(SETTINGS["seed"])
x, wear = load_spools()
model = build(SETTINGS, x.shape[1:], wear.shape[1])
model.fit(x[:630], wear[:630], batch_size=SETTINGS["batch"], epochs=SETTINGS["epochs"], verbose=2)
loss, accuracy = model.evaluate(x[630:], wear[630:], verbose=0)
print(f"unseen spools: loss {loss:.3f}, accuracy {accuracy:.3f}")
