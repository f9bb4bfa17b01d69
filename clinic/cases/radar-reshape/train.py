import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(21)
echo = np.load("echo.npy")  # (samples, channels, time)
approaching = np.load("approaching.npy")
samples, channels, time = echo.shape

x = echo.reshape(samples, time, channels)

model = keras.Sequential(
    [
        layers.Input((time, channels)),
        layers.LSTM(32),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.005), metrics=["accuracy"])
model.fit(x[:1200], approaching[:1200], epochs=22, batch_size=30, validation_split=0.1, verbose=2)
_, acc = model.evaluate(x[1200:], approaching[1200:], verbose=0)
print("accuracy:", round(acc, 3))
