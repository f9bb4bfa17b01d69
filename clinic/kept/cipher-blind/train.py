"""Decipher: read a message of five signs, write twelve."""
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(15)
SIGNS, START, UNITS = 28, 27, 64

z = np.load("cipher.npz")
source, target = z["source"], z["target"]
train, test = slice(0, 1350), slice(1350, None)
decoder_in = np.full_like(target, START)

read = layers.Input((source.shape[1],), dtype="int32")
_, h, c = layers.LSTM(UNITS, return_state=True)(layers.Embedding(SIGNS, 16)(read))
write = layers.Input((target.shape[1],), dtype="int32")
states = layers.LSTM(UNITS, return_sequences=True)(layers.Embedding(SIGNS, 16)(write), initial_state=[h, c])
model = keras.Model([read, write], layers.Dense(11, activation="softmax")(states))
model.compile(keras.optimizers.Adam(0.006), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit([source[train], decoder_in[train]], target[train], epochs=20, batch_size=32, verbose=2)

written = np.full_like(target[test], START)
for t in range(target.shape[1]):
    best = model.predict([source[test], written], verbose=0)[:, t].argmax(-1)
    if t + 1 < target.shape[1] and (decoder_in[train] != START).any():
        written[:, t + 1] = best
    right = best == target[test][:, t] if t == 0 else np.c_[right, best == target[test][:, t]]
print("signs that are right: %.3f" % right.mean())
