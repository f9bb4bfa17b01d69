import numpy as np
import keras
from keras import layers


def make_model(steps, width):
    return keras.Sequential([
        keras.Input((steps, width)),
        layers.LSTM(16, return_sequences=True),
        layers.LSTM(16),
        layers.Dense(12, activation="softmax"),
    ])


def main():
    keras.utils.set_random_seed(2)
    z = np.load("data.npz")
    x, y = z["x"], keras.utils.to_categorical(z["y"], 12)
    model = make_model(*x.shape[1:])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.03, momentum=0.9), loss=loss, metrics=["accuracy"])
    hist = model.fit(x[:1300], y[:1300], batch_size=64, epochs=25, verbose=2)
    print("loss went from", hist.history["loss"][0], "to", hist.history["loss"][-1])
    print("held-out accuracy", model.evaluate(x[1300:], y[1300:], verbose=0)[1])


main()
