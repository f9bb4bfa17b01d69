import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(38)

pond = np.load("pond.npz")
x = np.dstack([pond["sun"], pond["stir"]])
y = pond["oxygen"]
print("oxygen: mean %.2f mg/l, sd %.2f" % (y.mean(), y.std()))

model = keras.Sequential()
model.add(layers.Input((20, 2)))
model.add(layers.GRU(20))
model.add(layers.Dense(20, activation="relu"))
model.add(layers.Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.RMSprop(0.003))
model.fit(x[:650], y[:650], validation_data=(x[650:720], y[650:720]), epochs=24, batch_size=26, verbose=2)

est = model.predict(x[720:], verbose=0)[:, 0]
print("off by %.2f mg/l" % np.abs(est - y[720:]).mean())
print("R2 %.3f" % (1 - np.mean((est - y[720:]) ** 2) / y[720:].var()))
