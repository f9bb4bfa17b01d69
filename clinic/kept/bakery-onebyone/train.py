import numpy as np
from keras.layers import Dense, Input, LSTM
from keras.models import Sequential
from keras.utils import set_random_seed

set_random_seed(1)
data = np.load("bakery.npz")
X, y = data["x"], data["y"]
train_size = 400

# fit an LSTM network to training data
def fit_lstm(X, y, batch_size, nb_epoch, neurons):
    model = Sequential()
    model.add(Input(X.shape[1:]))
    model.add(LSTM(neurons))
    model.add(Dense(1))
    model.compile(loss='mean_squared_error', optimizer='adam')
    for i in range(nb_epoch):
        model.fit(X, y, epochs=1, batch_size=batch_size, verbose=0, shuffle=True)
    return model

model = fit_lstm(X[:train_size], y[:train_size], 1, 8, 8)
yhat = model.predict(X[train_size:], verbose=0)[:, 0]
print('R2 %.3f' % (1 - np.mean((yhat - y[train_size:]) ** 2) / np.var(y[train_size:])))
