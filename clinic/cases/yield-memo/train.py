import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(60)
npz = np.load('data.npz')
X_train, y_train = npz['X'][:120], npz['y'][:120]
X_valid, y_valid = npz['X'][120:], npz['y'][120:]

model = tf.keras.Sequential()
model.add(tf.keras.Input((X_train.shape[1], X_train.shape[2])))
model.add(tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(64)))
model.add(tf.keras.layers.Dense(32, activation='relu'))
model.add(tf.keras.layers.Dense(1))
model.compile(loss='mse', optimizer=tf.keras.optimizers.Adam(0.002))
model.fit(X_train, y_train, batch_size=10, epochs=60, validation_data=(X_valid, y_valid), verbose=2)
print('validation mse', model.evaluate(X_valid, y_valid, verbose=0))
