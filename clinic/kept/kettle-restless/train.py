import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(64)
BATCH, EPOCHS = 8, 12
k = np.load("kettles.npz")
x, y = k["x"], k["y"]
steps = EPOCHS * (800 // BATCH)

rate = 0.1
model = keras.Sequential([layers.Input((12, 4)), layers.LSTM(24), layers.Dense(1)])
model.compile(keras.optimizers.Adam(rate), loss="mse")
model.fit(x[:800], y[:800], batch_size=BATCH, epochs=EPOCHS, verbose=2)
p = model.predict(x[800:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y[800:]) ** 2) / np.var(y[800:])))
