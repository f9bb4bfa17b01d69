import csv
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(16)


def read(path):
    with open(path) as f:
        rows = list(csv.reader(f))
    return np.array(rows[1:], dtype="float32")


def standardize(a):
    return (a - a.mean(axis=0)) / (a.std(axis=0) + 1e-6)


def frame(table, steps=12):
    x = [table[i : i + steps, :] for i in range(len(table) - steps)]
    y = [table[i + steps, 0] for i in range(len(table) - steps)]
    return np.array(x), np.array(y)


table = standardize(read("data.csv"))
x, y = frame(table)
cut = 1000
model = keras.Sequential([layers.Input(x.shape[1:]), layers.LSTM(16), layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
model.fit(x[:cut], y[:cut], epochs=12, batch_size=32, verbose=2)
p = model.predict(x[cut:], verbose=0)[:, 0]
print("R2", float(1 - np.mean((p - y[cut:]) ** 2) / np.var(y[cut:])))
