# is a first name given to girls or to boys?
import numpy as np
import keras

LENGTH = 80

keras.utils.set_random_seed(4)
table = np.loadtxt("first_names.csv", delimiter=",", dtype=str, skiprows=1)
names, girl = table[:, 0], (table[:, 1] == "f").astype("float32")
letters = sorted(set("".join(names)))
code = {c: i + 1 for i, c in enumerate(letters)}
x = np.zeros((len(names), LENGTH), "int32")
for i, name in enumerate(names):
    x[i, : len(name)] = [code[c] for c in name[:LENGTH]]
order = np.random.default_rng(1).permutation(len(x))
x, girl = x[order], girl[order]

inputs = keras.Input((LENGTH,), dtype="int32")
h = keras.layers.Embedding(len(letters) + 1, 16)(inputs)
h = keras.layers.LSTM(32)(h)
model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(h))
model.compile(keras.optimizers.Adam(0.004), "binary_crossentropy", metrics=["accuracy"])
model.fit(x[:1500], girl[:1500], epochs=12, batch_size=32, verbose=2)
print("accuracy %.3f" % model.evaluate(x[1500:], girl[1500:], verbose=0)[1])
