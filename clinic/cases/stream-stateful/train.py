import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(20)
STREAMS = 10
CHUNK = 8

signal = np.load("data.npz")["signal"]
goal = np.load("data.npz")["goal"]


def chunked(a):
    per = a.shape[1] // CHUNK
    a = a[:, : per * CHUNK].reshape(STREAMS, per, CHUNK, -1)
    return a.transpose(1, 0, 2, 3).reshape(per * STREAMS, CHUNK, -1)


x, y = chunked(signal), chunked(goal)[:, -1]
train = 80 * STREAMS

inputs = layers.Input(batch_shape=(STREAMS, CHUNK, x.shape[-1]))
h = layers.LSTM(20, stateful=True)(inputs)
model = keras.Model(inputs, layers.Dense(1)(h))
model.compile("adam", "mse")


class Restart(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        for layer in self.model.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()


model.fit(x[:train], y[:train], epochs=25, batch_size=STREAMS, shuffle=False, callbacks=[Restart()], verbose=2)
p = model.predict(x[train:], batch_size=STREAMS, verbose=0)
print("R2", 1 - np.mean((p - y[train:]) ** 2) / np.var(y[train:]))
