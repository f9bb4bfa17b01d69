"""Flight speed of herons from twelve channels of a logger."""
import numpy as np
import keras


def herons():
    z = np.load("herons.npz")
    return {k: z[k].astype("float32") for k in z.files}


class SpeedModel(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.recurrent = keras.layers.LSTM(units)
        self.head = keras.layers.Dense(1)

    def call(self, x):
        return self.head(self.recurrent(x))


keras.utils.set_random_seed(12)
d = herons()
updates = 600
batch = min(32, len(d["train_x"]))
epochs = updates // (len(d["train_x"]) // batch)
net = SpeedModel(8)
net.compile(optimizer="rmsprop", loss="mse")
net.fit(
    d["train_x"], d["train_y"], batch_size=batch, epochs=epochs,
    validation_data=(d["test_x"], d["test_y"]), verbose=0,
)
miss = net.predict(d["test_x"], verbose=0)[:, 0] - d["test_y"]
print("share of the variance explained: %.3f" % (1 - np.mean(miss**2) / np.var(d["test_y"])))
