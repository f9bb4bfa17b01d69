import numpy as np
import keras
from keras import layers, optimizers

keras.utils.set_random_seed(57)
SETTINGS = dict(units=24, optimizer=optimizers.Adagrad(), epochs=30)

table = np.genfromtxt("data.csv", delimiter=",")
table = (table - table.mean(0)) / table.std(0)
X = np.stack([table[k:k + 16] for k in range(len(table) - 16)])
Y = table[16:, :1]
n = 1100

model = keras.Sequential([
    layers.Input(X.shape[1:]),
    layers.LSTM(SETTINGS["units"]),
    layers.Dense(1),
])
model.compile(optimizer=SETTINGS["optimizer"], loss="mae")
model.fit(X[:n], Y[:n], epochs=SETTINGS["epochs"], batch_size=32, verbose=2)
P = model.predict(X[n:], verbose=0)
print("R2", 1 - float(((P - Y[n:]) ** 2).mean() / Y[n:].var()))
