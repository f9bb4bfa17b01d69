import numpy as np
import keras
from keras import layers, callbacks

keras.utils.set_random_seed(21)
d = np.load("data.npz")
x, y = d["x"], d["y"]
x_tr, y_tr = x[:600], y[:600]
x_va, y_va = x[600:850], y[600:850]
x_te, y_te = x[850:], y[850:]

m = keras.Sequential([layers.Input(x.shape[1:]), layers.LSTM(32), layers.Dense(1, activation="sigmoid")])
m.compile("adam", "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
stop = callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
m.fit(x_tr, y_tr, epochs=100, batch_size=32, validation_data=(x_va, y_va), callbacks=[stop], verbose=2)
print("AUC", m.evaluate(x_te, y_te, verbose=0)[2])
