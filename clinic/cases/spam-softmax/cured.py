# spam filter, from the course notebook
import numpy as np
from keras.models import Sequential
from keras.layers import Embedding, LSTM, Dense, Input, SpatialDropout1D
from keras.utils import set_random_seed
set_random_seed(123)

f = np.load('data.npz')
X, y = f['X'], f['y']
X_train, X_test = X[:1000], X[1000:]
y_train, y_test = y[:1000], y[1000:]

max_features = 300
embed_dim = 12
lstm_out = 16

model = Sequential()
model.add(Input(shape=(X.shape[1],)))
model.add(Embedding(max_features, embed_dim, mask_zero=True))
model.add(SpatialDropout1D(0.1))
model.add(LSTM(lstm_out))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
print(model.summary())
model.fit(X_train, y_train, epochs=8, batch_size=32, verbose=2)
score, acc = model.evaluate(X_test, y_test, verbose=2, batch_size=64)
print("acc: %.2f" % acc)
