import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(55)


def split(a, frac=0.8):
    k = int(len(a) * frac)
    return a[:k], a[k:]


z = np.load("data.npz")
x_tr, x_te = split(z["weeks"])
y_tr, y_te = split(z["next"])

model = keras.Sequential([
    layers.Input((x_tr.shape[1], x_tr.shape[2])),
    layers.LSTM(16),
    layers.Dense(1),
])
model.compile(loss="mse", optimizer=keras.optimizers.Adam(1e-3))
model.fit(x_tr, y_tr, epochs=300, batch_size=16, verbose=2)
p = model.predict(x_te, verbose=0).squeeze()
print("R2", round(float(1 - ((p - y_te) ** 2).sum() / ((y_te - y_te.mean()) ** 2).sum()), 4))
