import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models

tf.keras.utils.set_random_seed(66)

# load
z = np.load("nights.npz")
night, dream = z["night"], z["dream"]

# scale
night = (night - night.mean(axis=(0, 1))) / night.std(axis=(0, 1))

# split by hand
x_train, x_val, x_test = night[:700], night[700:800], night[800:]
y_train, y_val, y_test = dream[:700], dream[700:800], dream[800:]

model = models.Sequential(
    [
        layers.Input((24, 4)),
        layers.Bidirectional(layers.GRU(8)),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=12, batch_size=32, validation_data=(x_val, y_val), verbose=2)
print("largest class:", np.bincount(y_test).max() / len(y_test))
print("test accuracy: %.3f" % model.evaluate(x_test, y_test, verbose=0)[1])
