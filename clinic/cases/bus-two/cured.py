import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(61)
t = np.genfromtxt("data.csv", delimiter=",", names=True)
F = np.stack([t["odometer"], t["stop_no"], t["boarding"]], axis=1)
delay = t["delay"]
F = (F - F[:1200].mean(0)) / F[:1200].std(0)
S = 12
X = np.array([F[i : i + S] for i in range(len(F) - S)])
Y = delay[S:]
half = 1200

model = keras.Sequential()
model.add(layers.Input((S, 3)))
model.add(layers.LSTM(32))
model.add(layers.Dense(1))
model.compile(optimizer=keras.optimizers.Adam(learning_rate=3e-4), loss="mse")
model.fit(X[:half], Y[:half], batch_size=32, epochs=20, verbose=2)
P = model.predict(X[half:], verbose=0)[:, 0]
print("R2", 1 - np.mean((P - Y[half:]) ** 2) / np.var(Y[half:]))
