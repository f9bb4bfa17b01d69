import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(58)
z = np.load("data.npz")
x, y = z["thrust"], z["position"][:, None]

model = keras.Sequential([
    layers.Input(x.shape[1:]),
    layers.LSTM(32, return_sequences=True),
    layers.LSTM(32),
    layers.Dense(1),
])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9), loss="mse")
model.fit(x[:800], y[:800], batch_size=32, epochs=20, verbose=2)
p = model.predict(x[800:], verbose=0)
print("R2", 1 - float(np.mean((p - y[800:]) ** 2) / np.var(y[800:])))
