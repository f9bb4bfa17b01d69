import numpy as np
from keras import Sequential, layers, utils

utils.set_random_seed(5)
CONFIG = {
    "units": 24,
    "batch": 50,
    "epochs": 10,
    "loss": "binary_crossentropy",
    "optimizer": "adam",
}

with np.load("data.npz") as z:
    accel, walking = z["accel"], z["walking"]

order = np.random.permutation(len(accel))
accel, walking = accel[order], walking[order].reshape(-1, 1)
train, test = slice(0, 900), slice(900, None)

model = Sequential([
    layers.Input((accel.shape[1], accel.shape[2])),
    layers.LSTM(CONFIG["units"]),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss=CONFIG["loss"], optimizer=CONFIG["optimizer"], metrics=["binary_accuracy"])
model.fit(accel[train], walking[train], batch_size=CONFIG["batch"], epochs=CONFIG["epochs"], verbose=2)
print("binary accuracy:", model.evaluate(accel[test], walking[test], verbose=0)[1])
