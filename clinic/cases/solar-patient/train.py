import numpy as np
import keras
from keras import layers

LR = 1e-4
keras.utils.set_random_seed(15)


def get_data():
    z = np.load("data.npz")
    x = (z["x"] - z["x"].mean((0, 1))) / z["x"].std((0, 1))
    return x, z["y"]


x, y = get_data()
net = keras.Sequential([layers.Input(x.shape[1:]), layers.LSTM(48), layers.Dense(24, activation="relu"), layers.Dense(1)])
net.compile(optimizer=keras.optimizers.Adam(LR), loss="mse")
hist = net.fit(x[:1000], y[:1000], epochs=60, batch_size=16, validation_split=0.1, verbose=2)
print(hist.history["loss"][::10])
p = net.predict(x[1000:], verbose=0)[:, 0]
print("R2", 1 - np.mean((p - y[1000:]) ** 2) / y[1000:].var())
