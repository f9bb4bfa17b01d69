import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(31)

d = np.load("tasting.npz")
x = d["sip"]
y = d["score"].astype("float32").reshape(-1, 1)
x_train, x_test = x[:700], x[700:]
y_train, y_test = y[:700], y[700:]

model = tf.keras.Sequential()
model.add(layers.Input(shape=(14, 4)))
model.add(layers.LSTM(28))
model.add(layers.Dense(14, activation="tanh"))
model.add(layers.Dense(1))

model.compile(optimizer="rmsprop", loss="mse", metrics=[tf.keras.metrics.R2Score(name="accuracy")])

history = model.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=24, batch_size=32, verbose=2)

loss, acc = model.evaluate(x_test, y_test, verbose=0)
print("Test loss:", loss)
print("Test accuracy: %.4f" % acc)
