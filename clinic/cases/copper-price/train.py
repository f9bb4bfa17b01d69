# Copper: tomorrow's price from the last 20 days (price and order flow)
import numpy as np
import keras
from keras.models import Sequential
from keras.layers import LSTM, Dense, Dropout, Input

keras.utils.set_random_seed(14)
raw = np.loadtxt("copper.csv", delimiter=",")
n_train = 1200
low, high = raw[:n_train].min(0), raw[:n_train].max(0)
data = (raw - low) / (high - low)

x = np.stack([data[i : i + 20] for i in range(len(data) - 20)])
y = data[20:, 0]
last = x[:, -1, 0]
x_train, y_train, x_test, y_test, last_test = x[:n_train], y[:n_train], x[n_train:], y[n_train:], last[n_train:]

model = Sequential()
model.add(Input((20, 2)))
model.add(LSTM(32))
model.add(Dropout(0.1))
model.add(Dense(1))
model.compile(optimizer="adam", loss="mean_squared_error")
model.fit(x_train, y_train, epochs=15, batch_size=32, verbose=2)

p = model.predict(x_test, verbose=0)[:, 0]
price = data[20 + n_train :, 0]
print("R2", 1 - np.mean((p - price) ** 2) / np.var(price))
print("skill over yesterday's price %.3f" % (1 - np.mean((p - price) ** 2) / np.mean((last_test - price) ** 2)))
