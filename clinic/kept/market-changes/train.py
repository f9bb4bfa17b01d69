"""Will the price move tomorrow, and how far?"""
import numpy as np
import keras
from keras.layers import GRU, Dense, Input

keras.utils.set_random_seed(40)
price, flow = np.loadtxt("market.csv", delimiter=",").T
change = np.diff(price)
spread = change[:1400].std()
inputs = np.c_[change / spread, flow[1:] / flow[:1400].std()]

n = 15
x = np.stack([inputs[i : i + n] for i in range(len(inputs) - n)]).astype("float32")
y = (change[n:] / spread).astype("float32")
model = keras.Sequential([Input((n, 2)), GRU(10), Dense(1)])
model.compile(keras.optimizers.Adam(0.003), loss="mse")
stop = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
model.fit(x[:1400], y[:1400], epochs=25, batch_size=32, validation_split=0.15, callbacks=[stop], verbose=2)
p = model.predict(x[1400:], verbose=0)[:, 0]
print("skill over no change %.3f" % (1 - np.mean((p - y[1400:]) ** 2) / np.mean(y[1400:] ** 2)))
