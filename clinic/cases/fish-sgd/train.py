import numpy as np
import keras
from keras.layers import LSTM, Dense, Masking, Input

keras.utils.set_random_seed(19)
f = np.load("data.npz")
tracks, weight = f["tracks"], f["weight"]
print(tracks.shape, "fill value", tracks.min())

model = keras.Sequential([
    Input(tracks.shape[1:]),
    Masking(mask_value=-10.0),
    LSTM(24),
    Dense(1),
])
opt = keras.optimizers.SGD(learning_rate=0.05, momentum=0.9, nesterov=True, clipnorm=0.5)
model.compile(optimizer=opt, loss="mse", metrics=["mae"])
model.fit(tracks[:900], weight[:900], batch_size=30, epochs=25, validation_data=(tracks[900:], weight[900:]), verbose=2)
mse = model.evaluate(tracks[900:], weight[900:], verbose=0)[0]
print("R2", 1 - mse / weight[900:].var())
