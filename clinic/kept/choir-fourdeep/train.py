import numpy as np
import keras
from keras.layers import LSTM, Dense, Input


def stack(depth, units, shape):
    model = keras.Sequential([Input(shape)])
    for level in range(depth):
        model.add(LSTM(units, return_sequences=level < depth - 1, name=f"voice_{level}"))
    model.add(Dense(1, activation="sigmoid"))
    return model


keras.utils.set_random_seed(50)
choir = np.load("choir.npz")
model = stack(4, 24, (12, 3))
model.compile(keras.optimizers.Adam(0.004), "binary_crossentropy", metrics=["accuracy"])
model.fit(choir["x"][:800], choir["y"][:800], epochs=14, batch_size=32, verbose=2)
_, accuracy = model.evaluate(choir["x"][800:], choir["y"][800:], verbose=0)
print(f"accuracy {accuracy:.3f}")
