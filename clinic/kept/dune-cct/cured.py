import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(1)


class Tracks:
    """Animal tracks on a dune: does the animal end on wet ground?"""

    def __init__(self, path, held_out=250):
        raw = np.load(path)
        self.features = np.stack([raw["step"], raw["pos"] / 4.0], -1).astype("float32")
        self.labels = raw["wet"].astype("float32")[:, None]
        self.held_out = held_out

    @property
    def train(self):
        return self.features[: -self.held_out], self.labels[: -self.held_out]

    @property
    def test(self):
        return self.features[-self.held_out :], self.labels[-self.held_out :]


class Experiment:
    def __init__(self, units=18, epochs=12):
        self.units = units
        self.epochs = epochs
        self.model = None

    def build(self, shape):
        self.model = tf.keras.Sequential(
            [
                tf.keras.layers.Input(shape),
                tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(self.units)),
                tf.keras.layers.Dense(10, activation="relu"),
                tf.keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        self.model.compile(
            optimizer=tf.keras.optimizers.Nadam(2e-3),
            loss="binary_crossentropy",
            metrics=["accuracy"],
        )
        return self

    def run(self, data):
        x, y = data.train
        self.build(x.shape[1:])
        self.model.fit(x, y, epochs=self.epochs, batch_size=30, verbose=2)
        x, y = data.test
        p = self.model.predict(x, verbose=0)
        recall = [np.mean((p[y == c] > 0.5) == c) for c in (0, 1)]
        print("recall dry %.2f, wet %.2f" % tuple(recall))
        return sum(recall) / 2


print("mean recall: %.3f" % Experiment().run(Tracks("tracks.npz")))
