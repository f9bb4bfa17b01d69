import math
import numpy as np
import keras
from keras import layers


class Clicks(keras.utils.PyDataset):
    def __init__(self, path, part, batch, **kw):
        super().__init__(**kw)
        z = np.load(path)
        n = int(0.8 * len(z["x"]))
        pick = slice(None, n) if part == "train" else slice(n, None)
        self.x, self.y = z["x"][pick], z["y"][pick]
        self.w = z["w"][pick]
        self.batch = batch
        self.order = np.arange(len(self.x))

    def __len__(self):
        return math.ceil(len(self.x) / self.batch)

    def __getitem__(self, i):
        k = self.order[i * self.batch : (i + 1) * self.batch]
        return self.x[k], self.y[k], self.w[k]

    def on_epoch_end(self):
        np.random.shuffle(self.order)


if __name__ == "__main__":
    keras.utils.set_random_seed(25)
    train, test = Clicks("data.npz", "train", 32), Clicks("data.npz", "test", 32)
    model = keras.Sequential([layers.Input(train.x.shape[1:]), layers.LSTM(20), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", weighted_metrics=["accuracy"])
    model.fit(train, validation_data=test, epochs=20, verbose=2)
    p = model.predict(test.x, verbose=0)[:, 0] > 0.5
    print("accuracy", np.mean(p == test.y))
