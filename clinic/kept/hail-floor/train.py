import numpy as np
import keras

keras.utils.set_random_seed(4)
f = np.load("hail.npz")
radar, damage = f["radar"], f["damage"]
cut = 1500

cell = keras.layers.LSTMCell(8)
model = keras.Sequential([keras.Input((12, 2)), keras.layers.RNN(cell), keras.layers.Dense(1)])
model.compile("adam", "mse")
best = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
model.fit(radar[:cut], damage[:cut], validation_split=0.2, epochs=15, batch_size=40, callbacks=[best], verbose=2)
p = model.predict(radar[cut:], verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.var(damage[cut:] - p) / np.var(damage[cut:])))
