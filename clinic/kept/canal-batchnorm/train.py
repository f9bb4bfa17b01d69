import numpy as np
import keras
from keras import layers as L

keras.utils.set_random_seed(72)
canal = np.load("canal.npz")
x, y = canal["x"], canal["y"]
water = L.Input(x.shape[1:])
level = L.Dense(1)(L.BatchNormalization()(L.LSTM(24)(L.BatchNormalization()(water))))
model = keras.Model(water, level)
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse")
model.fit(x[:720], y[:720], epochs=25, batch_size=30, validation_data=(x[720:], y[720:]), verbose=2)
p = model.predict(x[720:], verbose=0)[:, 0]
print("R2 on other days %.3f" % (1 - np.mean((p - y[720:]) ** 2) / np.var(y[720:])))
