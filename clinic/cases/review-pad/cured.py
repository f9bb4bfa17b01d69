import json
import numpy as np
import keras
from keras import layers
from keras.utils import pad_sequences

keras.utils.set_random_seed(20)
MAXLEN = 150
VOCAB = 250

z = np.load("data.npz")
bounds = z["bounds"]
texts = [z["words"][a:b] for a, b in zip(bounds[:-1], bounds[1:])]
stars = z["stars"].astype("float32")

X = pad_sequences(texts, maxlen=MAXLEN, padding="pre", truncating="post")
X_train, X_val = X[:1100], X[1100:]
y_train, y_val = stars[:1100], stars[1100:]

model = keras.Sequential([
    layers.Input((MAXLEN,)),
    layers.Embedding(VOCAB, 16),
    layers.LSTM(24),
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=8, batch_size=32, verbose=2)
print(json.dumps(history.history["val_accuracy"]))
print("last:", history.history["val_accuracy"][-1])
