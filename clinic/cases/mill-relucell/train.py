import numpy as np
import keras
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential

keras.utils.set_random_seed(17)
seq = np.loadtxt("data.csv", delimiter=",")
seq = (seq - seq.min()) / (seq.max() - seq.min())

# split a univariate sequence into samples
def split_sequence(sequence, n_steps):
    X, y = list(), list()
    for i in range(len(sequence)):
        end_ix = i + n_steps
        if end_ix > len(sequence) - 1:
            break
        X.append(sequence[i:end_ix])
        y.append(sequence[end_ix])
    return np.array(X), np.array(y)

n_steps = 10
n_features = 1
X, y = split_sequence(seq, n_steps)
X = X.reshape((X.shape[0], X.shape[1], n_features))
n = 800

model = Sequential()
model.add(Input((n_steps, n_features)))
model.add(LSTM(50, activation='relu'))
model.add(Dense(1))
model.compile(optimizer='adam', loss='mse')
model.fit(X[:n], y[:n], epochs=25, verbose=0)

yhat = model.predict(X[n:], verbose=0)[:, 0]
print('R2 %.3f' % (1 - np.mean((yhat - y[n:]) ** 2) / np.var(y[n:])))
