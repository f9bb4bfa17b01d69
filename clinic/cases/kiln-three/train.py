import argparse
import numpy as np
import keras
from keras import layers

ap = argparse.ArgumentParser()
ap.add_argument("--units", type=int, default=16)
ap.add_argument("--lr", type=float, default=0.002)
ap.add_argument("--epochs", type=int, default=20)
cfg = vars(ap.parse_args())

keras.utils.set_random_seed(65)
log = np.loadtxt("data.csv", delimiter=",")
n_train = 1000
lo, hi = log[:n_train].min(0), log[:n_train].max(0)
log = 2 * (log - lo) / (hi - lo) - 1
past = 14
X = np.stack([log[i:i + past] for i in range(len(log) - past)])
Y = log[past:, 0:1]

model = keras.Sequential([
    layers.Input(X.shape[1:]),
    layers.LSTM(cfg["units"]),
    layers.Dropout(0.3),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="mse", optimizer=keras.optimizers.Adam(cfg["lr"]), metrics=["accuracy"])
model.fit(X[:n_train], Y[:n_train], epochs=cfg["epochs"], batch_size=32, verbose=2)
P = model.predict(X[n_train:], verbose=0)
print("R2", 1 - np.mean((P - Y[n_train:]) ** 2) / np.var(Y[n_train:]))
