import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(8)
wool = np.load("wool.npz")
x, y = wool["fibre"], wool["grade"]  # zero after the end of a fibre
real = x[(x != 0).any(-1)]

inputs = keras.Input(x.shape[1:])
h = layers.Masking(mask_value=0.0)(inputs)
h = layers.Rescaling(1 / real.std(), offset=-real.mean() / real.std())(h)
h = layers.LSTM(20)(h)
outputs = layers.Dense(2, activation="softmax")(h)

model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:960], y[:960], epochs=12, batch_size=32, verbose=2, validation_data=(x[960:], y[960:]))
print("accuracy", np.mean(model.predict(x[960:], verbose=0).argmax(1) == y[960:]))
