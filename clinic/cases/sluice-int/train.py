import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(4)
SPLIT = 0.8


def prepare(levels):
    """Water levels are stored as 0..255; bring them to 0..1."""
    levels = levels / 255.0
    return levels.astype(int)


with np.load("sluice.npz") as store:
    X, Y = prepare(store["level"]), store["flow"].astype("float32")
edge = int(SPLIT * len(X))

model = keras.Sequential(name="sluice")
model.add(layers.Input(X.shape[1:]))
model.add(layers.LSTM(16))
model.add(layers.Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.01))
model.fit(X[:edge], Y[:edge], epochs=20, batch_size=32, verbose=2)
guess = model.predict(X[edge:], verbose=0).ravel()
print("R2", round(float(1 - ((guess - Y[edge:]) ** 2).mean() / Y[edge:].var()), 3))
