import numpy as np
import keras
from keras import ops

keras.utils.set_random_seed(83)
z = np.load("rink.npz")
skates, wear = z["skates"], z["wear"][..., None]
x, y, x_test, y_test = skates[:400], wear[:400], skates[400:], wear[400:]


def total(y_true, y_pred):
    return ops.sum(ops.square(y_true - y_pred), axis=(1, 2))


model = keras.Sequential(
    [
        keras.layers.Input((None, 2)),
        keras.layers.LSTM(24, return_sequences=True),
        keras.layers.LSTM(24, return_sequences=True),
        keras.layers.TimeDistributed(keras.layers.Dense(1)),
    ]
)
model.compile(optimizer=keras.optimizers.SGD(0.01, momentum=0.9, clipnorm=1.0), loss=total)
model.fit(x, y, batch_size=20, epochs=10, verbose=2)

p = model.predict(x_test, verbose=0)
print("mean squared error", np.mean((p - y_test) ** 2), "variance", y_test.var())
print("R2 %.3f" % (1 - np.mean((p - y_test) ** 2) / y_test.var()))
