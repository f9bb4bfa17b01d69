import numpy as np
import keras
from keras import ops

keras.utils.set_random_seed(99)
QUANTILES = np.array([0.1, 0.5, 0.9], dtype="float32")
LAG = 20


def pinball(y_true, y_pred):
    error = y_true - y_pred
    return ops.mean(ops.maximum(QUANTILES * error, (QUANTILES - 1) * error), axis=-1)


power = np.load("power.npy")
x = np.lib.stride_tricks.sliding_window_view(power[:-1], LAG, axis=0).transpose(0, 2, 1)
y = power[LAG:, :1]
x_train, x_test = x[:1000], x[1000:]
y_train, y_test = y[:1000], y[1000:]

model = keras.Sequential([keras.Input((LAG, 2)), keras.layers.LSTM(20), keras.layers.Dense(3)])
model.compile(optimizer=keras.optimizers.Adam(0.004), loss=pinball)
model.fit(x_train, y_train, epochs=15, batch_size=32, verbose=2)

q = model.predict(x_test, verbose=0)
for k, tau in enumerate(QUANTILES):
    print("below the %.1f quantile: %.3f" % (tau, np.mean(y_test[:, 0] < q[:, k])))
flat = np.quantile(y_train, QUANTILES)
loss = lambda e: np.mean(np.maximum(QUANTILES * e, (QUANTILES - 1) * e))
print("pinball skill %.3f" % (1 - loss(y_test - q) / loss(y_test - flat)))
