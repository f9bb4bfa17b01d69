import numpy as np
import keras
from keras.layers import LSTM, Dense

keras.utils.set_random_seed(53)
tide = np.loadtxt("data.csv", delimiter=",", usecols=1, skiprows=1)
tide = (tide - tide[:1100].mean()) / tide[:1100].std()
L = 20
X = np.lib.stride_tricks.sliding_window_view(tide, L)[:-1][..., None]
Y = tide[L:]

model = keras.Sequential()
model.add(keras.Input((L, 1)))
model.add(LSTM(24))
model.add(Dense(1))
sgd = keras.optimizers.SGD(learning_rate=0.00002, momentum=0.9)
model.compile(optimizer=sgd, loss="mse")
model.fit(X[:1100], Y[:1100], epochs=20, batch_size=32, verbose=2)
pred = model.predict(X[1100:], verbose=0)[:, 0]
print("R2", 1 - np.mean((pred - Y[1100:]) ** 2) / np.var(Y[1100:]))
