import numpy as np
import keras

CONFIG = dict(units=40, cell="tanh", rate=1e-3, epochs=12)


def make_model(shape, config):
    x = inp = keras.layers.Input(shape)
    x = keras.layers.LSTM(config["units"], activation=config["cell"])(x)
    x = keras.layers.Dense(1, activation="linear")(x)
    model = keras.Model(inp, x)
    model.compile(keras.optimizers.Adam(config["rate"]), "mse")
    return model


keras.utils.set_random_seed(6)
z = np.load("lathe.npz")
force, wear = z["force"].astype("float32"), z["wear"].astype("float32")
model = make_model(force.shape[1:], CONFIG)
model.fit(force[:880], wear[:880], epochs=CONFIG["epochs"], batch_size=32, verbose=2)
p = model.predict(force[880:], verbose=0)[:, 0]
print("R2 = %.3f" % (1 - np.mean((p - wear[880:]) ** 2) / np.var(wear[880:])))
