import numpy as np
import keras

keras.utils.set_random_seed(7)


class Locks:
    path = "locks.npz"
    epochs = 12
    batch = 32

    def load(self):
        with np.load(self.path) as f:
            x, key = f["x"], f["key"]
        return (x[:500], key[:500]), (x[500:], key[500:])

    def model(self, steps, channels):
        signal = keras.Input((steps, channels))
        h = keras.layers.LSTM(16)(signal)
        opens = keras.layers.Dense(1, activation="sigmoid")(h)
        return keras.Model(signal, opens)

    def main(self):
        train, test = self.load()
        model = self.model(*train[0].shape[1:])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(*train, epochs=self.epochs, batch_size=self.batch, verbose=2)
        print("accuracy %.3f" % model.evaluate(*test, verbose=0)[1])


Locks().main()
