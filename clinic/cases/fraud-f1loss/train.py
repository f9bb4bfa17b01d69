import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(8)


def f1_loss(y_true, y_pred):
    y_true = ops.cast(y_true, "float32")
    y_hat = ops.round(y_pred)
    tp = ops.sum(y_true * y_hat)
    fp = ops.sum((1 - y_true) * y_hat)
    fn = ops.sum(y_true * (1 - y_hat))
    return 1 - 2 * tp / (2 * tp + fp + fn + 1e-7)


data = np.load("data.npz")
X, y = data["X"], data["y"].reshape(-1, 1)
model = keras.Sequential([
    layers.Input(X.shape[1:]),
    layers.LSTM(20),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss=f1_loss, metrics=["accuracy"])
model.fit(X[:1000], y[:1000], epochs=15, batch_size=64, verbose=2)
p = model.predict(X[1000:], verbose=0) > 0.5
print("accuracy", np.mean(p == (y[1000:] > 0.5)))
