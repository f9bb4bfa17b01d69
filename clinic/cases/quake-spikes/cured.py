import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(16)
with np.load("quakes.npz") as f:
    x, y = f["x"], f["y"]

model = keras.Sequential([
    layers.Input(x.shape[1:]),
    layers.LSTM(20),
    layers.Dense(1),
])
sgd = keras.optimizers.SGD(0.05, momentum=0.8, clipnorm=1.0)
model.compile(sgd, loss="mse")
model.fit(x[:1000], y[:1000], epochs=25, batch_size=25, verbose=2)
p = model.predict(x[1000:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y[1000:]) ** 2) / np.var(y[1000:])))
