"""How long has a customer been silent?  One step is an hour: 1 for clicks, 0 for none."""
import numpy as np
import keras
from keras.layers import LSTM, Dense, Input, Masking
from keras.utils import pad_sequences

PAD = 0.0
keras.utils.set_random_seed(27)

raw = np.load("clicks.npz")
hours = [s[:k] for s, k in zip(raw["steps"], raw["lengths"])]
X = pad_sequences(hours, padding="pre", value=PAD, dtype="float32")[..., None]
y = raw["rest"].astype("float32")

model = keras.Sequential()
model.add(Input(X.shape[1:]))
model.add(Masking(PAD))
model.add(LSTM(20))
model.add(Dense(1))
model.compile("adam", "mse")
model.fit(X[:1100], y[:1100], epochs=16, batch_size=32, verbose=2)
p = model.predict(X[1100:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y[1100:]) ** 2) / np.var(y[1100:])))
