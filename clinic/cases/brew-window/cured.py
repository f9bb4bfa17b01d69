import numpy as np
import keras

WINDOW = 16
UNITS = 24

keras.utils.set_random_seed(2)
log = np.genfromtxt("brew.csv", delimiter=",", names=True)
inputs = np.c_[log["dose"], log["temp"]]
X, y = [], []
for t in range(WINDOW, len(inputs)):
    X.append(inputs[t - WINDOW + 1 : t + 1])
    y.append(log["gas"][t])
X, y = np.array(X, "float32"), np.array(y, "float32")
mean, std = X[:1200].mean((0, 1)), X[:1200].std((0, 1))
X = (X - mean) / std

m = keras.Sequential([
    keras.Input((WINDOW, 2)),
    keras.layers.LSTM(UNITS),
    keras.layers.Dense(1),
])
m.compile(keras.optimizers.Adam(5e-3), "mse", metrics=["mae"])
m.fit(X[:1200], y[:1200], epochs=24, batch_size=32, validation_data=(X[1200:], y[1200:]), verbose=2)
p = m.predict(X[1200:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y[1200:]) ** 2) / np.var(y[1200:])))
