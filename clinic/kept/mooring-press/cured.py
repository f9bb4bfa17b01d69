import numpy as np
import keras

keras.utils.set_random_seed(64)

log = np.load("barometer.npz")
pressure = log["hpa"].astype(np.float32)[:, :, None]
pressure = (pressure - pressure.mean()) / pressure.std()
gale = log["gale"]


def split(a, parts=(0.7, 0.1)):
    i = int(len(a) * parts[0])
    j = i + int(len(a) * parts[1])
    return a[:i], a[i:j], a[j:]


x_fit, x_val, x_new = split(pressure)
y_fit, y_val, y_new = split(gale)
print("hours per window:", pressure.shape[1], " gales:", gale.mean().round(3))

model = keras.models.Sequential(
    [
        keras.layers.Input((24, 1)),
        keras.layers.LSTM(24, dropout=0.0),
        keras.layers.Dense(12, activation="relu"),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(),
    optimizer=keras.optimizers.Adam(learning_rate=0.003),
    metrics=["accuracy"],
)
model.fit(
    x_fit,
    y_fit,
    epochs=20,
    batch_size=32,
    validation_data=(x_val, y_val),
    callbacks=[keras.callbacks.ReduceLROnPlateau(patience=6, factor=0.5)],
    verbose=2,
)
says = model.predict(x_new, verbose=0).argmax(1)
for c, name in enumerate(["calm", "gale"]):
    print(name, "recall", np.mean(says[y_new == c] == c))
print("accuracy", round(float(np.mean(says == y_new)), 3))
