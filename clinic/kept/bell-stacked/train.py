import numpy as np
import keras
from keras.layers import LSTM, Activation, Dense, Input
from keras.models import Sequential

keras.utils.set_random_seed(44)
x, y = np.load("bell_x.npy"), np.load("bell_y.npy")
half = 850

model = Sequential()
model.add(Input(shape=x.shape[1:]))
model.add(LSTM(64))
model.add(Activation("softmax"))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam")
print(model.count_params(), "parameters")
model.fit(x[:half], y[:half], epochs=16, batch_size=64, verbose=2)
rest = model.predict(x[half:], verbose=0)[:, 0] - y[half:]
print("R2", 1 - rest.var() / y[half:].var())
