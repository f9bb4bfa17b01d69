import numpy as np
import keras
from keras import layers, optimizers

LOOKBACK = 24


def windows(series, lookback):
    xs, ys = [], []
    for end in range(lookback, len(series)):
        xs.append(series[end - lookback : end])
        ys.append(series[end, 2])
    return np.asarray(xs, "float32"), np.asarray(ys, "float32").reshape(-1, 1)


def main():
    keras.utils.set_random_seed(12)
    series = np.load("fjord.npy")
    x, y = windows(series, LOOKBACK)
    mean, std = x[:1100].mean((0, 1)), x[:1100].std((0, 1))
    x = (x - mean) / std
    x_tr, y_tr, x_te, y_te = x[:1100], y[:1100], x[1100:], y[1100:]

    inp = keras.Input((LOOKBACK, 3))
    z = layers.LSTM(16, return_sequences=True)(inp)
    z = layers.Dropout(0.05)(z)
    out = layers.LSTM(1)(z)
    model = keras.Model(inp, out)
    model.compile(optimizer=optimizers.RMSprop(0.003), loss="mean_squared_error")
    model.summary()

    for epoch in range(14):
        hist = model.fit(x_tr, y_tr, epochs=1, batch_size=32, verbose=0)
        print(f"pass {epoch:2d}: train mse {hist.history['loss'][0]:.4f}")

    p = model.predict(x_te, verbose=0)
    print("salinity, first five:", y_te[:5, 0].round(2), "model says", p[:5, 0].round(2))
    sse = float(((p - y_te) ** 2).sum())
    tot = float(((y_te - y_te.mean()) ** 2).sum())
    print("share of variance explained:", round(1 - sse / tot, 3))


if __name__ == "__main__":
    main()
