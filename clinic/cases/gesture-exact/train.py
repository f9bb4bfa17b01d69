import numpy as np
import keras

keras.utils.set_random_seed(3)
with np.load("data.npz") as f:
    x, y = f["x"], f["y"].reshape(-1, 1)

inputs = keras.layers.Input((x.shape[1], x.shape[2]))
feat = keras.layers.Bidirectional(keras.layers.LSTM(12))(inputs)
prob = keras.layers.Dense(1, activation="sigmoid")(feat)
model = keras.Model(inputs, prob)
model.compile(
    optimizer=keras.optimizers.RMSprop(0.002),
    loss="binary_crossentropy",
    metrics=[keras.metrics.Accuracy(name="acc")],
)
log = model.fit(x[:900], y[:900], validation_data=(x[900:], y[900:]), epochs=12, batch_size=30, verbose=2)
print("val acc after training:", log.history["val_acc"][-1])
