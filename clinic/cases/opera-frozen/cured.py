import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(5)
opera = np.load("opera.npz")
text, label = opera["text"], opera["label"]

words = keras.Input((text.shape[1],), dtype="int32")
encoder = keras.Sequential([layers.Embedding(200, 16), layers.LSTM(16)], name="encoder")
verdict = layers.Dense(1, activation="sigmoid", name="verdict")(encoder(words))
model = keras.Model(words, verdict)

encoder.trainable = True
model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
model.fit(text[:1000], label[:1000], epochs=10, batch_size=25, verbose=2)
print("accuracy %.3f" % model.evaluate(text[1000:], label[1000:], verbose=0)[1])
