import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(9)

raw = np.genfromtxt("data.csv", delimiter=",", skip_header=1)
LOOKBACK = 10


def windows(table, lookback):
    xs, ys = [], []
    for i in range(lookback, len(table)):
        xs.append(table[i - lookback : i])
        ys.append(table[i, 0])
    return np.array(xs, "float32"), np.array(ys, "float32")


table = (raw - raw[:900].mean(0)) / raw[:900].std(0)
x, y = windows(table, LOOKBACK)
x_train, y_train, x_test, y_test = x[:900], y[:900], x[900:], y[900:]

inp = keras.Input((LOOKBACK, table.shape[1]))
h = layers.LSTM(16)(inp)
out = layers.Dense(1)(h)
model = keras.Model(inp, out)
model.compile("adam", "mean_squared_error")
model.fit(x_train, y_train, epochs=15, batch_size=32, validation_data=(x_test, y_test), verbose=2)

p = model.predict(x_test, verbose=0)[:, 0]
print("R2 %.4f" % (1 - np.mean((p - y_test) ** 2) / np.var(y_test)))
