import numpy as np
import keras
from keras.models import Sequential
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(27)

cols = np.genfromtxt("data.csv", delimiter=",", names=True)
features = np.column_stack([cols["pressure_pa"], cols["co2_ppm"], cols["temp_k"], cols["humidity"]])
comfort = cols["comfort"]

steps = 10
X = np.array([features[i - steps:i] for i in range(steps, len(features))])
Y = comfort[steps:]
print(X.shape, Y.shape)

model = Sequential()
model.add(Input((steps, 4)))
model.add(LSTM(32))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam")
model.fit(X[:1100], Y[:1100], epochs=15, batch_size=32, verbose=2)

P = model.predict(X[1100:], verbose=0).ravel()
print("R2 %.3f" % (1 - ((P - Y[1100:]) ** 2).mean() / Y[1100:].var()))
