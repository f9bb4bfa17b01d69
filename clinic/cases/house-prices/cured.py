import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(12)


def dataset(x, y, batch, train):
    ds = tf.data.Dataset.from_tensor_slices((x, y))
    if train:
        ds = ds.shuffle(1000, seed=1)
    return ds.batch(batch)


npz = np.load("data.npz")
hist = (npz["history"] - npz["history"].mean((0, 1))) / npz["history"].std((0, 1))
price = npz["price"]
price = (price - price[:880].mean()) / price[:880].std()
tr, te = np.arange(0, 880), np.arange(880, 1100)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Input(shape=hist.shape[1:]))
model.add(tf.keras.layers.LSTM(32))
model.add(tf.keras.layers.Dense(16, activation="relu"))
model.add(tf.keras.layers.Dense(1))
model.compile(optimizer=tf.keras.optimizers.Adam(0.001), loss=tf.keras.losses.MeanAbsoluteError())
model.fit(dataset(hist[tr], price[tr], 32, True), epochs=15, verbose=2)

p = model.predict(hist[te], verbose=0)[:, 0]
print("R2", 1 - np.mean((p - price[te]) ** 2) / np.var(price[te]))
