import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(4)
data = np.load("data.npz")
strokes, letter = data["strokes"], data["letter"]
n_letters = 10

model = keras.Sequential(name="letters")
model.add(layers.Input(strokes.shape[1:]))
model.add(layers.LSTM(32, name="reader"))
model.add(layers.Dense(n_letters, name="scores"))

model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
model.fit(strokes[:1200], letter[:1200], epochs=12, batch_size=32, verbose=2)
result = model.evaluate(strokes[1200:], letter[1200:], verbose=0, return_dict=True)
print(result["sparse_categorical_accuracy"])
