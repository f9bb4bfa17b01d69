import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(2)


def relu6():
    return layers.ReLU(threshold=6.0)


gait = np.load("gait.npz")
x, walk = gait["x"], keras.utils.to_categorical(gait["walk"])
model = keras.Sequential([
    layers.Input(x.shape[1:]),
    layers.LSTM(24),
    layers.Dense(32),
    relu6(),
    layers.Dense(3, activation="softmax"),
])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:950], walk[:950], epochs=12, batch_size=25, verbose=2)
print("accuracy", model.evaluate(x[950:], walk[950:], verbose=0)[1])
