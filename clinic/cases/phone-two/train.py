import numpy as np
from keras import Sequential, utils, optimizers
from keras.layers import LSTM, Dense, Dropout, Input, BatchNormalization

utils.set_random_seed(63)
z = np.load("data.npz")
x, y = z["x"], utils.to_categorical(z["y"], 6)
x_train, y_train, x_test, y_test = x[:1100], y[:1100], x[1100:], y[1100:]

verbose, epochs, batch_size = 2, 15, 64
model = Sequential()
model.add(Input((x.shape[1], x.shape[2])))
model.add(LSTM(64))
model.add(Dropout(0.6))
model.add(Dense(32, activation="relu"))
model.add(Dropout(0.5))
model.add(Dense(6, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=optimizers.Adam(0.3), metrics=["accuracy"])
model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, verbose=verbose)
_, accuracy = model.evaluate(x_test, y_test, batch_size=batch_size, verbose=0)
print("accuracy %.3f" % accuracy)
