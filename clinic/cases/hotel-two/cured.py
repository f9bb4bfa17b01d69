import numpy as np
import keras
from keras.layers import Input, LSTM, Dense
from keras.models import Model

keras.utils.set_random_seed(62)
z = np.load("data.npz")
X, y = z["bookings"], z["guests"].reshape(-1, 1)
tr = 900


def net(steps, n_in):
    i = Input((steps, n_in))
    h = LSTM(24)(i)
    o = Dense(1)(h)
    return Model(i, o)


model = net(*X.shape[1:])
model.compile(keras.optimizers.Adam(0.01), loss="mse")
model.fit(X[:tr], y[:tr], epochs=30, batch_size=32, verbose=2)
p = model.predict(X[tr:], verbose=0).reshape(len(X) - tr, -1)
print("R2", 1 - np.mean((p - y[tr:]) ** 2) / y[tr:].var())
