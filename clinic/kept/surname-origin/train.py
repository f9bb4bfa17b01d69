import random
import string

import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(47)

pairs = [line.split() for line in open("names.txt")]
random.shuffle(pairs)
index = {c: i + 1 for i, c in enumerate(string.ascii_lowercase)}
longest = max(len(name) for name, _ in pairs)


def encode(name):
    codes = [index[c] for c in name]
    return [0] * (longest - len(codes)) + codes


x = np.array([encode(name) for name, _ in pairs])
y = np.array([int(origin) for _, origin in pairs])
origins = len(set(y.tolist()))

model = keras.Sequential(
    [
        layers.Input((longest,), dtype="int32"),
        layers.Embedding(len(index) + 1, 10, mask_zero=True),
        layers.GRU(24),
        layers.Dense(origins, activation="softmax"),
    ]
)
model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.optimizer.learning_rate = 0.005
for r in range(4):
    h = model.fit(x[:800], y[:800], epochs=4, batch_size=32, verbose=0)
    print("round", r, "loss %.3f accuracy %.3f" % (h.history["loss"][-1], h.history["accuracy"][-1]))
scores = model.evaluate(x[800:], y[800:], verbose=0)
print("%.3f of 200 unseen names" % scores[1])
