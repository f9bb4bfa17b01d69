import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(24)
z = np.load("data.npz")
x = z["x"]
targets = {"growth": z["growth"][:, None], "ill": z["ill"][:, None]}
cut = 900


def part(d, s):
    return {k: v[s] for k, v in d.items()}


inp = layers.Input(x.shape[1:], name="sensor")
body = layers.LSTM(32)(inp)
growth = layers.Dense(1, name="growth")(body)
ill = layers.Dense(1, activation="sigmoid", name="ill")(layers.Dense(8, activation="relu")(body))
model = keras.Model(inp, {"growth": growth, "ill": ill})
model.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss={"growth": "mse", "ill": "binary_crossentropy"},
    loss_weights={"growth": 1.0, "ill": 0.5},
    metrics={"ill": ["accuracy"]},
)
model.fit(x[:cut], part(targets, slice(0, cut)), epochs=20, batch_size=32, verbose=2)
p = model.predict(x[cut:], verbose=0)
print("ill", np.mean((p["ill"] > 0.5) == (targets["ill"][cut:] > 0.5)))
g = targets["growth"][cut:]
print("growth R2", 1 - np.mean((p["growth"] - g) ** 2) / g.var())
