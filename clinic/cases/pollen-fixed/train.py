import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(18)
store = np.load("pollen.npz")
vectors, text, label = store["vectors"], store["text"], store["label"]

table = layers.Embedding(
    *vectors.shape, embeddings_initializer=keras.initializers.Constant(vectors), trainable=False
)
model = keras.Sequential([
    layers.Input((text.shape[1],), dtype="int32"),
    table,
    layers.LSTM(20),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(text[:850], label[:850], epochs=14, batch_size=32, validation_split=0.1, verbose=2)
print("accuracy", model.evaluate(text[850:], label[850:], verbose=0)[1])
