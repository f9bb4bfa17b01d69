import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(16)
BATCH = 40

strokes = np.loadtxt("strokes.csv", delimiter=",")
X = strokes[:, :5].reshape(-1, 1, 5)
y = strokes[:, 5]
X_train, X_test = X[:960], X[960:]
y_train, y_test = y[:960], y[960:]

model = keras.Sequential()
model.add(Input(batch_shape=(BATCH, 1, 5)))
model.add(LSTM(24, stateful=True))
model.add(Dense(12, activation="relu"))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.005))

for epoch in range(22):
    model.fit(X_train, y_train, epochs=1, batch_size=BATCH, verbose=0, shuffle=False)
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()
    if epoch % 7 == 0:
        print("epoch", epoch, "train mse", model.evaluate(X_train, y_train, batch_size=BATCH, verbose=0))

p = model.predict(X_test, batch_size=BATCH, verbose=0).ravel()
print("power explained: %.3f" % (1 - np.mean((p - y_test) ** 2) / np.var(y_test)))
