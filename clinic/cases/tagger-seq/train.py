import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(28)
corpus = np.load("data.npz")
words, tags = corpus["words"], corpus["tags"]
N_WORDS, N_TAGS = 150, 5
train, dev = slice(0, 800), slice(800, None)

inputs = keras.Input((words.shape[1],), dtype="int32")
x = layers.Embedding(N_WORDS, 16, mask_zero=True)(inputs)
x = layers.Bidirectional(layers.LSTM(16, return_sequences=True))(x)
outputs = layers.TimeDistributed(layers.Dense(N_TAGS, activation="softmax"))(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(words[train], tags[train], batch_size=32, epochs=12, validation_data=(words[dev], tags[dev]), verbose=2)
guess = model.predict(words[dev], verbose=0).argmax(-1)
real = words[dev] > 0
print("tag accuracy", np.mean(guess[real] == tags[dev][real]))
