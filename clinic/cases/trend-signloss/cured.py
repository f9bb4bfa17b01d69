import numpy as np
import keras
import keras.ops as K
from keras.layers import LSTM, Dense, Input, Dropout

keras.utils.set_random_seed(18)

def direction_loss(y_true, y_pred):
    same = K.equal(K.sign(y_true), K.sign(y_pred))
    return 1.0 - K.mean(K.cast(same, "float32"), axis=-1)

series = np.loadtxt("data.csv", delimiter=",")
series = series / series[:1000].std()
n = 12
X = np.stack([series[i:i + n] for i in range(len(series) - n)])[..., None]
y = series[n:, None]
X_train, y_train = X[:1000], y[:1000]
X_test, y_test = X[1000:], y[1000:]

model = keras.Sequential()
model.add(Input((n, 1)))
model.add(LSTM(24, return_sequences=False))
model.add(Dropout(0.2))
model.add(Dense(1, activation='linear'))
model.compile(loss='mse', optimizer='adam')
model.fit(X_train, y_train, epochs=15, batch_size=32, shuffle=True, verbose=2)

right = np.mean(np.sign(model.predict(X_test, verbose=0)) == np.sign(y_test))
print('right direction: %.3f' % right)
