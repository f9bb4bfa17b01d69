"""Will the forklift tip?  A ride (30 readings) plus three numbers about the truck itself."""
import os

import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import (
    GRU,
    Activation,
    Concatenate,
    Dense,
    Input,
)
from tensorflow.keras.models import Model

HERE = os.path.dirname(os.path.abspath(__file__))
keras.utils.set_random_seed(99)


def read():
    with np.load(os.path.join(HERE, "rides.npz")) as f:
        return f["ride"], f["truck"], f["tipped"].astype("float32")


def network(steps, channels, statics):
    ride = Input((steps, channels), name="ride")
    truck = Input((statics,), name="truck")
    h = GRU(14, name="over_time")(ride)
    t = Dense(6, activation="tanh", name="about_truck")(truck)
    both = Concatenate()([h, t])
    both = Dense(8, activation="relu")(both)
    score = Dense(1, name="score")(both)
    out = Activation("sigmoid", name="risk")(score)
    return Model([ride, truck], out)


ride, truck, tipped = read()
cut = int(0.8 * len(tipped))
net = network(ride.shape[1], ride.shape[2], truck.shape[1])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
net.fit(
    [ride[:cut], truck[:cut]],
    tipped[:cut],
    validation_split=0.1,
    epochs=15,
    batch_size=24,
    verbose=2,
)

risk = net.predict([ride[cut:], truck[cut:]], verbose=0)[:, 0]
hit = ((risk > 0.5) == (tipped[cut:] > 0.5)).mean()
print("share of tips in the held-out rides:", tipped[cut:].mean())
print(f"held-out accuracy {hit:.3f}")
