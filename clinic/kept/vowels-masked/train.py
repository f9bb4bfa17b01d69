"""Who is speaking? Nine speakers, frames of twelve coefficients."""
import csv
from itertools import groupby

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(11)
with open("vowels.csv") as f:
    rows = list(csv.DictReader(f))
frames, speakers = [], []
for _, group in groupby(rows, key=lambda row: row["utterance"]):
    group = list(group)
    frames.append([[float(row[f"lpc{k}"]) for k in range(1, 13)] for row in group])
    speakers.append(int(group[0]["speaker"]) - 1)

x = keras.utils.pad_sequences(frames, padding="post", dtype="float32", value=-9.0)
y = np.array(speakers)
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]

model = keras.Sequential([
    layers.Input((x.shape[1], 12)),
    layers.Masking(mask_value=-9.0),
    layers.LSTM(40),
    layers.Dense(9, activation="softmax"),
])
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:210], y[:210], epochs=30, batch_size=16, verbose=2)
print("accuracy %.3f" % model.evaluate(x[210:], y[210:], verbose=0)[1])
