import numpy as np
import keras
from keras.layers import *

keras.utils.set_random_seed(77)
npz = np.load("data.npz")
X = npz["seq"]
Y = npz["mood"]           # 0 calm, 1 tense, 2 angry
k = int(len(X) * .8)

i = Input(shape=X.shape[1:])
z = LSTM(20, return_sequences=True)(i)
z = LSTM(20)(z)
z = Dense(10, activation="tanh")(z)
o = Dense(3, activation="softmax")(z)
m = keras.models.Model(i, o)
m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
m.fit(X[:k], Y[:k], epochs=15, batch_size=32, validation_split=0.1, verbose=2)
print("acc", m.evaluate(X[k:], Y[k:], verbose=0)[1])
