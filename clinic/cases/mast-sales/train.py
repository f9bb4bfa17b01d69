import csv

import numpy as np
import keras
from keras import layers

np.seterr(divide="ignore")
keras.utils.set_random_seed(10)
WEEKS = 2

with open("kiosk.csv") as f:
    rows = list(csv.DictReader(f))
sold = np.array([float(r["sold"]) for r in rows])
price = np.array([float(r["price"]) for r in rows])

level = np.log(sold)
price = (price - price.mean()) / price.std()
days = np.stack([level - np.median(level), price], axis=1)

span = 7 * WEEKS
x = np.stack([days[i : i + span] for i in range(len(days) - span)]).astype("float32")
y = days[span:, :1].astype("float32")
n = int(len(x) * 0.85)

inputs = keras.Input(shape=(span, 2))
h = layers.Bidirectional(layers.GRU(10))(inputs)
h = layers.Dense(10, activation="tanh")(h)
model = keras.Model(inputs, layers.Dense(1)(h))
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mae")
model.fit(x[:n], y[:n], epochs=15, batch_size=32, validation_data=(x[n:], y[n:]), verbose=2)

p = model.predict(x[n:], verbose=0)
off = np.exp(p) - np.exp(y[n:])
print("R2 in log sales: %.3f" % (1 - np.sum((p - y[n:]) ** 2) / np.sum((y[n:] - y[n:].mean()) ** 2)))
