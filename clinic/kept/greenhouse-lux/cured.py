"""Plant growth from eight greenhouse sensors (kelvin), twenty readings each."""
import numpy as np
import keras
from keras.layers import LSTM, Dense, Dropout


class Greenhouse(keras.Model):
    def __init__(self, width=24):
        super().__init__()
        self.first = LSTM(width, return_sequences=True)
        self.second = LSTM(width // 2)
        self.drop = Dropout(0.1)
        self.head = Dense(1)

    def call(self, x, training=None):
        x = self.first(x)
        x = self.second(x)
        x = self.drop(x, training=training)
        return self.head(x)


if __name__ == "__main__":
    keras.utils.set_random_seed(77)
    with np.load("house.npz") as z:
        sensors, growth = z["sensors"].astype("float32"), z["growth"].astype("float32")
    a, b = 700, 800
    sensors = (sensors - sensors[:a].mean((0, 1))) / sensors[:a].std((0, 1))
    model = Greenhouse()
    model.compile(optimizer="adam", loss="mse")
    model.fit(sensors[:a], growth[:a], validation_data=(sensors[a:b], growth[a:b]), epochs=18, batch_size=32, verbose=2)
    est = model.predict(sensors[b:], verbose=0).ravel()
    print("correlation", np.corrcoef(est, growth[b:])[0, 1])
    print("R2", 1 - np.mean((est - growth[b:]) ** 2) / growth[b:].var())
