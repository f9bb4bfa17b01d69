import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(33)

bundle = np.load("data.npz")
x_train, y_train = bundle["x_train"], bundle["y_train"]
x_test, y_test = bundle["x_test"], bundle["y_test"]

model = keras.Sequential(
    [
        keras.Input(shape=x_train.shape[1:]),
        layers.LSTM(24),
        layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=15, batch_size=32, validation_split=0.1, verbose=2)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print("Accuracy on the test set: {:.2%}".format(accuracy))
print("share explained:", 1 - loss / np.var(y_test))
print("score", accuracy)
