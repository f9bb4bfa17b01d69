import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(34)
table = np.genfromtxt("data.csv", delimiter=",", skip_header=1)
X, y = table[:, :-1], table[:, -1]
X = (X - X.mean(axis=0)) / X.std(axis=0)
X = X.reshape((X.shape[0], 1, X.shape[1]))
k = 900

model = keras.Sequential([
    layers.Input((1, X.shape[2])),
    layers.LSTM(32),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X[:k], y[:k], epochs=20, batch_size=32, validation_split=0.1, verbose=2)
print("accuracy", model.evaluate(X[k:], y[k:], verbose=0)[1])
