import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(52)


class Config:
    units = 32
    lr = 1e-6
    epochs = 15
    batch = 32


def build(cfg, shape):
    model = keras.Sequential([layers.Input(shape), layers.LSTM(cfg.units), layers.Dense(1, activation="sigmoid")])
    model.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.Adam(cfg.lr),
        metrics=["accuracy"],
    )
    return model


cfg = Config()
f = np.load("data.npz")
x, y = f["signal"], f["sick"]
model = build(cfg, x.shape[1:])
model.fit(x[:1000], y[:1000], batch_size=cfg.batch, epochs=cfg.epochs, verbose=2)
print("accuracy:", model.evaluate(x[1000:], y[1000:], verbose=0)[1])
