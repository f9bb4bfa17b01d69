import numpy as np
import keras
from keras import Input, Model
from keras.layers import LSTM, Concatenate, Dense
from keras.optimizers import Adadelta

keras.utils.set_random_seed(36)


def batches(z):
    n = len(z["late"])
    order = np.random.default_rng(36).permutation(n)
    a, b = order[: int(0.75 * n)], order[int(0.75 * n) :]
    pick = lambda i: ({"hops": z["hops"][i], "depot": z["depot"][i]}, z["late"][i])
    return pick(a), pick(b)


(train_x, train_y), (test_x, test_y) = batches(np.load("parcels.npz"))
hops = Input((12, 2), name="hops")
depot = Input((2,), name="depot")
h = Concatenate()([LSTM(18)(hops), depot])
h = Dense(12, activation="relu")(h)
model = Model({"hops": hops, "depot": depot}, Dense(1, name="late")(h))
model.compile(optimizer=Adadelta(1.0), loss="mse")
for week in range(5):
    h = model.fit(train_x, train_y, epochs=4, batch_size=33, verbose=0)
    print("after", 4 * (week + 1), "epochs:", round(h.history["loss"][-1], 4))
mse = model.evaluate(test_x, test_y, verbose=0)
print("R2 =", 1 - mse / test_y.var())
