import numpy as np
from keras import Input, Model, layers, utils

utils.set_random_seed(54)
d = np.load("data.npz")
mel, species = d["mel"], d["species"]
K = int(species.max()) + 1
ntr = 1024

x = Input(mel.shape[1:])
h = layers.LSTM(32)(x)
y = layers.Dense(K, activation="softmax")(h)
model = Model(x, y)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(mel[:ntr], species[:ntr], batch_size=32, epochs=25)
print(model.evaluate(mel[ntr:], species[ntr:], verbose=0)[1])
