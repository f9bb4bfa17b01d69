import keras, numpy as np
from keras import layers as L

keras.utils.set_random_seed(6)

def load():
    a = np.load("data.npz")
    return a["meals"], a["glucose"]

X, Y = load()            # (people, steps, 2) -> (people, steps, 1)
m = keras.Sequential()
m.add(L.Input(X.shape[1:]))
m.add(L.LSTM(32))
m.add(L.Dense(16, activation="relu"))
m.add(L.Dense(1))
m.compile("adam", "mse")
m.fit(X[:800], Y[:800], epochs=20, batch_size=32, validation_data=(X[800:], Y[800:]), verbose=2)
mse = m.evaluate(X[800:], Y[800:], verbose=0)
print("explained", 1 - mse / Y[800:].var())
