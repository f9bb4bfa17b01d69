import numpy as np
import keras

keras.utils.set_random_seed(200)
STEP = 0.002


def scaled(a, ref):
    return (a - ref.mean(axis=(0, 1))) / ref.std(axis=(0, 1))


with np.load("oven.npz") as f:
    trace, crust = f["trace"], f["crust"]
x_train, x_test = scaled(trace[:700], trace[:700]), scaled(trace[700:], trace[:700])
y_train, y_test = crust[:700], crust[700:]

model = keras.Sequential(
    [
        keras.layers.Input((32, 2)),
        keras.layers.LSTM(24, return_sequences=True),
        keras.layers.LSTM(24),
        keras.layers.Dense(1),
    ]
)
optimizer = keras.optimizers.RMSprop(learning_rate=STEP, rho=0.9)
model.compile(optimizer, loss="mse")


class Report(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, {k: round(float(v), 4) for k, v in logs.items()})


model.fit(x_train, y_train, batch_size=32, epochs=18, verbose=0, callbacks=[Report()],
          validation_data=(x_test, y_test))
p = model.predict(x_test, verbose=0).reshape(-1)
print("R2 on unseen loaves: %.3f" % (1 - ((p - y_test) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()))
