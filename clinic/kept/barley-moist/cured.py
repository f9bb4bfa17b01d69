import numpy as np
import keras
from keras import ops
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(1234)
STEPS = 15

# ---------------------------------------------------------------- data
field = np.loadtxt("field.csv", delimiter=";", skiprows=1)
X = np.array([field[i : i + STEPS] for i in range(len(field) - STEPS)])
y = field[STEPS:, 2]
split = 950
X_train, X_test, y_train, y_test = X[:split], X[split:], y[:split], y[split:]


# ---------------------------------------------------------------- loss
def gaussian(y_true, y_pred):
    mu = y_pred[:, :1]
    sigma = ops.softplus(y_pred[:, 1:]) + 1e-3
    z = (y_true - mu) / sigma
    return ops.mean(ops.log(sigma) + 0.5 * ops.square(z))


# ---------------------------------------------------------------- model
model = keras.Sequential([Input((STEPS, 3)), LSTM(16), Dense(2)])
model.compile(optimizer="adam", loss=gaussian)
model.fit(X_train, y_train.reshape(-1, 1), epochs=10, batch_size=32, verbose=2)

# ---------------------------------------------------------------- report
out = model.predict(X_test, verbose=0)
mu, sigma = out[:, 0], np.log1p(np.exp(out[:, 1])) + 1e-3
inside = np.mean(np.abs(y_test - mu) < 2 * sigma)
print("inside two sigma:", inside)
print("R2 of the mean: %.3f" % (1 - np.mean((mu - y_test) ** 2) / np.var(y_test)))
