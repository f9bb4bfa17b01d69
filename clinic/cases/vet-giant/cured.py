import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(51)
UNITS = 2

v = dict(np.load("vet.npz"))
inputs = layers.Input((10, 4))
x = layers.LSTM(UNITS)(inputs)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.004), metrics=["accuracy"])
model.fit(
    v["train_x"], v["train_y"], epochs=50, batch_size=10, verbose=2,
    validation_data=(v["test_x"], v["test_y"]),
)
loss, accuracy = model.evaluate(v["test_x"], v["test_y"], verbose=0)
print("other animals: accuracy %.3f, cross-entropy %.3f" % (accuracy, loss))
