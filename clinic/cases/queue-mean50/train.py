import numpy as np
import keras

keras.utils.set_random_seed(35)


def batches(x, y, size):
    while True:
        order = np.random.permutation(len(x))
        for i in range(0, len(x) - size + 1, size):
            k = order[i : i + size]
            yield x[k], y[k]


with np.load("data.npz") as f:
    x, wait = f["x"], f["wait"]
n, size = 960, 32
model = keras.Sequential(
    [keras.Input(x.shape[1:]), keras.layers.LSTM(24), keras.layers.Dense(24, activation="relu"), keras.layers.Dense(1)]
)
model.compile(loss="mae", optimizer=keras.optimizers.Adam(0.01))
model.fit(batches(x[:n], wait[:n, None], size), steps_per_epoch=n // size, epochs=30, verbose=2)
p = model.predict(x[n:], verbose=0)[:, 0]
print("R2", 1 - np.mean((p - wait[n:]) ** 2) / wait[n:].var())
