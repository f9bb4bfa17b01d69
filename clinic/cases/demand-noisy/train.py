"""Forecast tomorrow's demand from the last days."""
import numpy as np
import keras
from keras.layers import Dense, Dropout, Input, LSTM


def load(path):
    with np.load(path) as f:
        return f["windows"].astype("float32"), f["demand"].astype("float32")


def build(shape):
    inputs = Input(shape)
    h = LSTM(20)(inputs)
    h = Dropout(0.1)(h)
    outputs = Dense(1)(h)
    return keras.Model(inputs, outputs)


def main():
    keras.utils.set_random_seed(3)
    windows, demand = load("data.npz")
    cut = int(len(windows) * 0.8)

    model = build(windows.shape[1:])
    model.compile(optimizer=keras.optimizers.Adam(2e-3), loss="mse", metrics=["mae"])
    model.fit(
        windows[:cut],
        demand[:cut],
        validation_data=(windows[cut:], demand[cut:]),
        epochs=20,
        batch_size=32,
        verbose=2,
    )

    guess = model.predict(windows[cut:], verbose=0)[:, 0]
    truth = demand[cut:]
    ok = np.isfinite(truth)
    r2 = 1 - np.mean((guess[ok] - truth[ok]) ** 2) / np.var(truth[ok])
    print("R2 on the held-out days: %.3f" % r2)


if __name__ == "__main__":
    main()
