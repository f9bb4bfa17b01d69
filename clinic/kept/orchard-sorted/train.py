import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(22)
z = np.load("orchard.npz")
test = np.zeros(len(z["x"]), bool)
test[np.random.default_rng(3).choice(len(test), 220, replace=False)] = True
x_train, y_train = z["x"][~test].astype("float32"), z["tree"][~test]
x_test, y_test = z["x"][test].astype("float32"), z["tree"][test]

model = keras.Sequential([Input((14, 3)), LSTM(24), Dense(4, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=20, epochs=14, validation_data=(x_test, y_test), verbose=2)
print("accuracy", model.evaluate(x_test, y_test, verbose=0)[1])
