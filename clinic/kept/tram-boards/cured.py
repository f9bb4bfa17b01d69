import numpy as np
import keras
from keras import ops


def whole_people(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def prepare():
    d = np.load("tram.npz")
    x = np.stack([d["load"], d["hour"]], axis=2).astype("float32")
    y = d["boarding"].astype("float32")[:, None]
    order = np.random.default_rng(0).permutation(len(x))
    return x[order[:640]], y[order[:640]], x[order[640:]], y[order[640:]]


def make():
    return keras.Sequential(
        [
            keras.Input((18, 2)),
            keras.layers.LSTM(20),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1),
        ]
    )


keras.utils.set_random_seed(500)
x, y, x_val, y_val = prepare()
model = make()
model.compile(optimizer=keras.optimizers.Adam(0.005), loss=whole_people)
for i in range(16):
    r = model.fit(x, y, batch_size=32, epochs=1, verbose=0)
    v = model.evaluate(x_val, y_val, verbose=0)
    print("round", i, "passengers off by", round(r.history["loss"][-1], 3), "/", round(v, 3))

p = np.round(model.predict(x_val, verbose=0))
print("constant guess is off by", np.abs(y_val - np.median(y)).mean())
print("R2", round(float(1 - ((p - y_val) ** 2).mean() / y_val.var()), 3))
