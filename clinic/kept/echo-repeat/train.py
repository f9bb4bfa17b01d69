import numpy as np
import keras
from keras.layers import LSTM, Dense, Embedding, Input, RepeatVector, TimeDistributed

keras.utils.set_random_seed(60)
z = np.load("echo.npz")
model = keras.Sequential()
model.add(Input((4,), dtype="int32"))
model.add(Embedding(6, 12))
model.add(LSTM(48))
model.add(RepeatVector(4))
model.add(LSTM(48, return_sequences=True))
model.add(TimeDistributed(Dense(6, activation="softmax")))
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.006), metrics=["accuracy"])
model.fit(z["heard"][:1500], z["said"][:1500], epochs=25, batch_size=32, verbose=2)
print("accuracy", model.evaluate(z["heard"][1500:], z["said"][1500:], verbose=0)[1])
