import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(11)
z = np.load("speech.npz")
x, word = z["x"], z["word"]

sound = layers.Input(x.shape[1:])
h = layers.LSTM(20, return_sequences=True)(sound)
score = layers.Dense(1)(h)
weight = layers.Softmax(axis=1)(score)
context = layers.Lambda(lambda p: ops.sum(p[0] * p[1], axis=1), output_shape=(20,))([h, weight])
answer = layers.Dense(3, activation="softmax")(context)
model = keras.Model(sound, answer)
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:850], word[:850], epochs=18, batch_size=32, validation_data=(x[850:], word[850:]), verbose=2)
print("accuracy", model.evaluate(x[850:], word[850:], verbose=0)[1])
