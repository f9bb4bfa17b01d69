import csv

import numpy as np
import keras
from keras.layers import LSTM, Dense, Embedding, Input

keras.utils.set_random_seed(9)

rows = [[int(v) for v in line] for line in csv.reader(open("depot.csv"))]
table = np.array(rows)
events, late = table[:, :-1], table[:, -1]
kinds = int(events.max()) + 1

X = (events / kinds)[..., None].astype("float32")
train, test = slice(0, 1200), slice(1200, None)

model = keras.Sequential()
model.add(Input(X.shape[1:]))
model.add(LSTM(24))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X[train], late[train], epochs=16, batch_size=32, verbose=2)
print("accuracy", model.evaluate(X[test], late[test], verbose=0)[1])
