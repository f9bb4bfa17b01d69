import numpy as np
import keras

keras.utils.set_random_seed(51)
npz = np.load("data.npz")
x, y = npz["x"].astype("float32"), npz["y"].astype("float32")

model = keras.models.Sequential()
model.add(keras.layers.Input(x.shape[1:]))
model.add(keras.layers.LSTM(20))
model.add(keras.layers.Dense(1))
opt = keras.optimizers.RMSprop(learning_rate=0.003)
model.compile(loss="mse", optimizer=opt, metrics=["mae"])
model.fit(x[:900], y[:900], batch_size=32, epochs=20, validation_data=(x[900:], y[900:]), verbose=2)
e = model.evaluate(x[900:], y[900:], verbose=0)[0]
print("R2:", 1 - e / y[900:].var())
