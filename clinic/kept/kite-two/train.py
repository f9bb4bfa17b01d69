import numpy as np
import keras
from keras.layers import LSTM, Dense, Input, TimeDistributed

keras.utils.set_random_seed(91)
kite = np.load("kite.npz")
wind, pull, side = kite["wind"], kite["pull"], kite["side"]
n = 800

air = Input((15, 2))
each = TimeDistributed(Dense(8, activation="tanh"))(air)
core = LSTM(20)(each)
newton = Dense(1, name="newton")(core)
left = Dense(2, activation="softmax", name="left")(Dense(8, activation="relu")(core))
model = keras.Model(inputs=air, outputs=[newton, left])
model.compile(
    optimizer=keras.optimizers.Adam(0.004),
    loss=["mse", "sparse_categorical_crossentropy"],
    loss_weights=[1.0, 0.5],
)
model.fit(wind[:n], [pull[:n], side[:n]], epochs=16, batch_size=32, verbose=2)
f, s = model.predict(wind[n:], verbose=0)
print("side right: %.3f" % (s.argmax(1) == side[n:]).mean())
print("pull R2: %.3f" % (1 - ((f[:, 0] - pull[n:]) ** 2).mean() / pull[n:].var()))
