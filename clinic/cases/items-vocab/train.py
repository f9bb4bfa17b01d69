import numpy as np
import keras
from keras.layers import Embedding, LSTM, Dense, Input

keras.utils.set_random_seed(30)
data = np.load("data.npz")
clicks = data["clicks"]          # session of item ids
bought = data["bought"]
n_items = len(np.unique(clicks))
print("items:", n_items)

model = keras.Sequential(
    [Input((clicks.shape[1],)), Embedding(n_items, 8), LSTM(16), Dense(1, activation="sigmoid")]
)
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(clicks[:1000], bought[:1000], batch_size=32, epochs=8, verbose=2)
p = model.predict(clicks[1000:], verbose=0)[:, 0]
print("accuracy", np.mean((p > 0.5) == bought[1000:]) if np.isfinite(p).all() else np.nan)
