import argparse

import numpy as np
import keras

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="data.npz")
parser.add_argument("--vocab", type=int, default=400)
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--units", type=int, default=24)
args = parser.parse_args()

keras.utils.set_random_seed(42)
blob = np.load(args.data)
tokens, labels = blob["tokens"], blob["labels"] - 1
cut = int(0.75 * len(tokens))

model = keras.Sequential()
model.add(keras.Input(shape=(tokens.shape[1],), dtype="int32"))
model.add(keras.layers.Embedding(args.vocab, 16))
model.add(keras.layers.LSTM(args.units))
model.add(keras.layers.Dense(2, activation="softmax"))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    tokens[:cut], labels[:cut], epochs=args.epochs, batch_size=32,
    validation_data=(tokens[cut:], labels[cut:]), verbose=2,
)
best = model.predict(tokens[cut:], verbose=0).argmax(axis=1)
print("accuracy on held-out tickets:", float(np.mean(best == labels[cut:])))
