import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(33)
corpus = np.load("grammar.npz")
words, tags = corpus["words"], corpus["tags"][..., None]

tokens = layers.Input((words.shape[1],), dtype="int32")
x = layers.Embedding(20, 10)(tokens)
x = layers.LSTM(32, return_sequences=True)(x)
x = layers.TimeDistributed(layers.Dense(16, activation="relu"))(x)
tag = layers.TimeDistributed(layers.Dense(1, activation="sigmoid"))(x)

tagger = keras.Model(tokens, tag, name="tagger")
tagger.compile(keras.optimizers.Adam(0.006), "binary_crossentropy", metrics=["accuracy"])
tagger.fit(words[:700], tags[:700], batch_size=32, epochs=16, validation_split=0.1, verbose=2)
print("accuracy", tagger.evaluate(words[700:], tags[700:], verbose=0)[1])
