import numpy as np
import keras
from keras import layers, models

keras.utils.set_random_seed(31)
swim = np.load("swim.npz")
x, y = swim["x"].astype("float32"), swim["y"]
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]

inp = layers.Input(shape=(x.shape[1], x.shape[2]), name="strap")
z = layers.LSTM(24, name="strokes")(inp)
out = layers.Dense(4, activation="softmax", name="style")(z)
clf = models.Model(inp, out)
clf.compile(keras.optimizers.Adam(0.004), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

hist = clf.fit(x, y, validation_split=0.25, epochs=15, batch_size=32, verbose=2)
print("val_loss", hist.history["val_loss"][-1])

p = clf.predict(swim["x_test"].astype("float32"), verbose=0).argmax(-1)
recall = [np.mean(p[swim["y_test"] == c] == c) for c in range(4)]
print("recall by style", np.round(recall, 2), "mean %.3f" % np.mean(recall))
