import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Input, LSTM, Dense
keras.utils.set_random_seed(41)

prices = np.loadtxt('data.csv', delimiter=',', skiprows=1)[:, 1]
ret = np.diff(np.log(prices))
ret = ret / ret.std()

W = 8
X, Y = [], []
for t in range(W, len(ret)):
    X.append(ret[t - W:t].reshape(W, 1))
    Y.append(np.where(ret[t] > 0, 1, -1))
X, Y = np.array(X), np.array(Y)
a, b = 1200, 1500

model = Sequential()
model.add(Input((W, 1)))
model.add(LSTM(16))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X[:a], Y[:a], epochs=12, batch_size=32, verbose=2)
print('test acc', model.evaluate(X[a:b], Y[a:b], verbose=0)[1])
