import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(47)
z = np.load("aviary.npz")
x, y = z["calls"][..., None], z["share"]
y = (y - y[:900].mean()) / y[:900].std()

model = keras.Sequential(name="aviary")
model.add(layers.Input(x.shape[1:]))
model.add(layers.Masking(mask_value=-9.0))
model.add(layers.LSTM(24))
model.add(layers.Dense(1))
model.compile(loss="huber", optimizer=keras.optimizers.Adam(0.004))
model.fit(x[:900], y[:900], epochs=16, batch_size=32, verbose=2)
p = model.predict(x[900:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y[900:]) ** 2) / np.var(y[900:])))
