import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(35)
with np.load("menu.npz") as m:
    X, dish = m["x"], m["dish"]
X_train, X_test, y_train, y_test = X[:1200], X[1200:], dish[:1200], dish[1200:]

model = keras.Sequential()
model.add(Input(X.shape[1:]))
model.add(LSTM(1))
model.add(Dense(8, activation="softmax"))
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=32, verbose=2)
loss, acc = model.evaluate(X_test, y_test, verbose=0)
print("accuracy on new dishes %.3f" % acc)
