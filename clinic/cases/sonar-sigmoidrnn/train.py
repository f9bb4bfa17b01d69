import numpy as np
import keras
from keras.layers import LSTM, Dense, Input, SimpleRNN

keras.utils.set_random_seed(24)
z = np.load("sonar.npz")
pings, kind = z["x"], z["kind"]

model = keras.Sequential()
model.add(Input((40, 2)))
model.add(SimpleRNN(24, activation="sigmoid"))
model.add(Dense(1, activation="sigmoid"))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(pings[:1000], kind[:1000], epochs=12, batch_size=32, verbose=2)
print("accuracy %.3f" % model.evaluate(pings[1000:], kind[1000:], verbose=0)[1])
