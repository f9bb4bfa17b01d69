import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense, Input

tf.keras.utils.set_random_seed(11)

z = np.load("choir.npz")
voices, flat = z["x"], z["flat"]
x_train, y_train = voices[:120], flat[:120]
x_val, y_val = voices[120:220], flat[120:220]
x_test, y_test = voices[220:], flat[220:]

model = tf.keras.Sequential([Input((16, 10)), LSTM(64, return_sequences=True), LSTM(64), Dense(1, activation="sigmoid")])
model.compile(optimizer=tf.keras.optimizers.Adam(0.002), loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

stop = tf.keras.callbacks.EarlyStopping(patience=50, restore_best_weights=True)
h = model.fit(x_train, y_train, validation_data=(x_val, y_val), epochs=50, batch_size=12, verbose=0, callbacks=[stop]).history
for e in (0, 4, 9, 19, 34, 49):
    print("epoch", e + 1, "loss", round(h["loss"][e], 3), "val_loss", round(h["val_loss"][e], 3),
          "acc", round(h["accuracy"][e], 3), "val_acc", round(h["val_accuracy"][e], 3))

loss, acc = model.evaluate(x_test, y_test, verbose=0)
print("accuracy in the next concert: %.3f" % acc)
print("cross-entropy in the next concert: %.3f" % loss)
