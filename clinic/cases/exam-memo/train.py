import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(59)
d = np.load("data.npz")
x, y = d["clicks"], d["passed"]
x_train, y_train, x_val, y_val = x[:160], y[:160], x[160:], y[160:]

model = keras.Sequential([
    layers.Input(x.shape[1:]),
    layers.LSTM(64, return_sequences=True),
    layers.LSTM(64),
    layers.Dense(64, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, epochs=60, batch_size=16, validation_data=(x_val, y_val), verbose=2)
print("train loss", history.history["loss"][-1], "val loss", model.evaluate(x_val, y_val, verbose=0)[0])
