import numpy as np
from keras import Sequential, layers, utils

utils.set_random_seed(26)
wave = np.load("data.npz")["wave"]
timesteps, n_features = wave.shape[1:]
good, rest = wave[:900], wave[900:]

# reconstruction model
model = Sequential()
model.add(layers.Input((timesteps, n_features)))
model.add(layers.LSTM(32))
model.add(layers.RepeatVector(timesteps))
model.add(layers.LSTM(32, return_sequences=True))
model.add(layers.TimeDistributed(layers.Dense(n_features)))
model.compile(optimizer="adam", loss="mae")
model.fit(good, good, epochs=30, batch_size=32, validation_data=(rest, rest), verbose=2)
back = model.predict(rest, verbose=0)
print("share reconstructed", 1 - np.mean((back - rest) ** 2) / np.var(rest))
