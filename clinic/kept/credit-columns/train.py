"""Credit risk from a table of figures of each customer."""
import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(17)
table = np.loadtxt("credit.csv", delimiter=",", skiprows=1)
features, risk = table[:, :-1], table[:, -1]
features = (features - features[:880].mean(0)) / features[:880].std(0)

# LSTMs want three dimensions: samples, time steps, features
features = features.reshape((features.shape[0], features.shape[1], 1))

model = keras.Sequential()
model.add(Input(features.shape[1:]))
model.add(LSTM(20))
model.add(Dense(20, activation="relu"))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(features[:880], risk[:880], epochs=15, batch_size=32, verbose=2)
p = model.predict(features[880:], verbose=0)[:, 0]
print("R2 = %.3f" % (1 - np.mean((p - risk[880:]) ** 2) / np.var(risk[880:])))
