import numpy as np
import keras

keras.utils.set_random_seed(14)
data = np.load("data.npz")
X, y = data["X"], data["y"]

model = keras.Sequential(
    [
        keras.Input(X.shape[1:]),
        keras.layers.LSTM(8),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.5),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.fit(X[:1600], y[:1600], epochs=25, batch_size=64, validation_data=(X[1600:], y[1600:]), verbose=2)
print("accuracy", model.evaluate(X[1600:], y[1600:], verbose=0)[1])
