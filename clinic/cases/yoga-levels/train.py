# beginner or advanced, from 22 readings of a balance board
import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import GRU, Dense, GlobalMaxPooling1D

tf.keras.utils.set_random_seed(8)

t = np.loadtxt("poses.csv", delimiter=",")
x = np.stack([t[:, :22], t[:, 22:44]], axis=-1)
y = t[:, 44].astype("float32")
print("people per level:", dict(zip(*np.unique(y, return_counts=True))))

n = len(x)
x_train, x_val, x_test = x[: n * 6 // 10], x[n * 6 // 10 : n * 7 // 10], x[n * 7 // 10 :]
y_train, y_val, y_test = y[: n * 6 // 10], y[n * 6 // 10 : n * 7 // 10], y[n * 7 // 10 :]

board = Input(shape=(22, 2))
h = GRU(16, return_sequences=True)(board)
h = GlobalMaxPooling1D()(h)
level = Dense(1, activation="sigmoid")(h)
model = Model(board, level)
model.compile("adam", tf.keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
model.fit(x_train, y_train, epochs=25, batch_size=20, validation_data=(x_val, y_val), verbose=2)

p = model.predict(x_test, verbose=0)[:, 0]
print("first ten:", p[:10].round(3))
told = np.where(p > 0.5, y.max(), y.min())
print("mean recall: %.3f" % np.mean([(told[y_test == c] == c).mean() for c in np.unique(y)]))
