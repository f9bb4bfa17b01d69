import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(16)
with np.load("data.npz") as a:
    x, tons = a["x"], a["tons"].reshape(-1, 1)


def total_squared_error(y_true, y_pred):
    return 100.0 * ops.sum(ops.square(y_true - y_pred), axis=-1)


inputs = keras.Input(x.shape[1:])
z = layers.LSTM(24)(inputs)
z = layers.Dense(24, activation="relu")(z)
model = keras.Model(inputs, layers.Dense(1)(z))
model.compile(optimizer=keras.optimizers.Adam(0.003), loss=total_squared_error)
model.fit(x[:900], tons[:900], batch_size=32, epochs=20, verbose=2)
r = model.predict(x[900:], verbose=0) - tons[900:]
print("R2", 1 - r.var() / tons[900:].var())
