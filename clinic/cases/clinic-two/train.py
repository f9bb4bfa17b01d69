import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(64)


class Dataset:
    def __init__(self, path):
        with np.load(path) as f:
            self.visits = f["visits"]
            self.sick = f["sick"]
        self.n = int(len(self.visits) * 0.75)

    @property
    def train(self):
        return self.visits[: self.n], self.sick[: self.n]

    @property
    def test(self):
        return self.visits[self.n :], self.sick[self.n :]


data = Dataset("data.npz")
model = keras.Sequential(
    [
        layers.Input(data.visits.shape[1:]),
        layers.LSTM(24),
        layers.Dense(1, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="mean_squared_error", metrics=["accuracy"])
model.fit(*data.train, epochs=15, batch_size=32, verbose=2)
p = model.predict(data.test[0], verbose=0)[:, 0] > 0.5
s = data.test[1] == 1
print("mean recall", (np.mean(p[s]) + np.mean(~p[~s])) / 2)
