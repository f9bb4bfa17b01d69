# sweet or savoury?  (first recurrent net, following the course)
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(51)
EPOCHS = 9
BATCH = 16
WIDTH = 12

data = np.load("recipes.npz")
ids, sweet = data["ids"], data["sweet"].astype("float32")
words = int(ids.max()) + 1
print("recipes %d, longest %d, words %d, sweet %.0f%%" % (*ids.shape, words, 100 * sweet.mean()))
x_train, x_test = ids[:640], ids[640:]
y_train, y_test = sweet[:640], sweet[640:]


def describe(history):
    for k, v in history.history.items():
        print("%-14s first %.3f last %.3f best %.3f" % (k, v[0], v[-1], min(v) if "loss" in k else max(v)))


recipe = tf.keras.Input((ids.shape[1],), dtype="int32")
h = tf.keras.layers.Embedding(words, WIDTH, mask_zero=True)(recipe)
h = tf.keras.layers.GRU(WIDTH)(h)
p = tf.keras.layers.Dense(1, activation="sigmoid")(h)
model = tf.keras.Model(recipe, p)
model.compile(tf.keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
describe(model.fit(x_train, y_train, BATCH, EPOCHS, verbose=0, validation_split=0.1))
print("test:", model.evaluate(x_test, y_test, verbose=0)[1])
