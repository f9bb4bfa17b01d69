import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.sequence import pad_sequences

tf.keras.utils.set_random_seed(29)
raw = np.load("data.npz")
lists = np.split(raw["flat"], raw["cuts"])
labels = raw["labels"]
x = pad_sequences(lists, padding="post")
print(x.shape)

model = tf.keras.Sequential([
    tf.keras.layers.Input((x.shape[1],)),
    tf.keras.layers.Embedding(200, 16),
    tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(16)),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x[:900], labels[:900], epochs=10, batch_size=32, verbose=2, validation_data=(x[900:], labels[900:]))
print("accuracy", model.evaluate(x[900:], labels[900:], verbose=0)[1])
