"""Who started the race?  The answer is said once, in the beginning, and then a lot is said."""
import numpy as np
import keras
from keras import layers


class Recall:
    def __init__(self, runners=6, width=20, rate=1e-6):
        self.runners, self.width, self.rate = runners, width, rate

    def network(self, legs):
        race = layers.Input((legs,), dtype="int32")
        h = layers.Embedding(self.runners, 6)(race)
        h = layers.LSTM(self.width)(h)
        who = layers.Dense(2, activation="softmax")(h)
        net = keras.Model(race, who)
        net.compile(keras.optimizers.Adam(self.rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return net


keras.utils.set_random_seed(29)
z = np.load("relay.npz")
net = Recall().network(z["baton"].shape[1])
curve = []
for lap in range(24):
    net.optimizer.learning_rate = 0.006 * min(1.0, 10.0 ** (lap / 2 - 4))
    h = net.fit(z["baton"][:800], z["first"][:800], batch_size=32, epochs=1, verbose=0)
    curve.append(h.history["loss"][0])
    print("%.4f" % curve[-1], end=" ")
print()
_, right = net.evaluate(z["baton"][800:], z["first"][800:], verbose=0)
print("right %.3f" % right)
