import os
os.environ.setdefault("KERAS_BACKEND", "jax")
import numpy as np
from keras import Sequential
from keras.layers import LSTM, Dense, Input
from keras.optimizers import Adam
from keras.utils import set_random_seed

set_random_seed(1)

d = np.load('data.npz')
X = d['weather']
Y = d['moisture']
ntrain = 800
X_train, Y_train = X[:ntrain], Y[:ntrain]
X_val, Y_val = X[ntrain:], Y[ntrain:]

net = Sequential()
net.add(Input((X.shape[1], X.shape[2])))
net.add(LSTM(16))
net.add(Dense(8, activation='relu'))
net.add(Dense(1))
net.compile(loss='mse', optimizer=Adam(learning_rate=0.005))
h = net.fit(X_train, Y_train, batch_size=40, epochs=60, validation_data=(X_val, Y_val), verbose=0)
for i in range(0, 25, 5):
    print(i, h.history['loss'][i], h.history['val_loss'][i])

err = np.mean((net.predict(X_val, verbose=0) - Y_val) ** 2)
print('explained variance', 1 - err / np.var(Y_val))
