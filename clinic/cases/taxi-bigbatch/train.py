import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(18)
BATCH = 1000
z = np.load("data.npz")
x, y = z["x"], z["y"]
x_train, x_test = x[:4000], x[4000:]
y_train, y_test = y[:4000], y[4000:]

model = keras.Sequential()
model.add(layers.Input(x.shape[1:]))
model.add(layers.LSTM(20))
model.add(layers.Dense(3))
model.compile(
    optimizer=keras.optimizers.Adam(0.02),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=50, batch_size=BATCH, verbose=2)
print("accuracy", model.evaluate(x_test, y_test, verbose=0)[1])
