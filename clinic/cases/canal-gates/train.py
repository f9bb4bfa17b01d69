import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(27)

canal = np.load("canal.npz")
gate, level = canal["gate"], canal["level"]


def to_supervised(features, target, n_train):
    """Split, then give the arrays the three axes that a recurrent layer wants."""
    features = (features - features[:n_train].mean(0)) / features[:n_train].std(0)
    target = (target - target[:n_train].mean()) / target[:n_train].std()
    cube = features.reshape((len(features), 1, features.shape[1]))
    return cube[:n_train], target[:n_train], cube[n_train:], target[n_train:]


x_train, y_train, x_test, y_test = to_supervised(gate, level, 1200)
print(x_train.shape, y_train.shape, x_test.shape, y_test.shape)

model = keras.Sequential(name="canal")
model.add(layers.Input(x_train.shape[1:]))
model.add(layers.LSTM(32, return_sequences=True))
model.add(layers.LSTM(16))
model.add(layers.Dense(8, activation="relu"))
model.add(layers.Dense(1))
model.compile(loss="mae", optimizer="adam")
model.fit(x_train, y_train, epochs=14, batch_size=40, validation_data=(x_test, y_test), verbose=2, shuffle=False)

fc = model.predict(x_test, verbose=0)[:, 0]
print("model: mean absolute error", np.abs(fc - y_test).mean())
print("zero:  mean absolute error", np.abs(y_test).mean())
print("R2", round(1 - np.square(fc - y_test).mean() / y_test.var(), 3))
