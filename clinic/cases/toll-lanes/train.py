import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(2)

# 1. read the counts
raw = np.genfromtxt("toll.csv", delimiter=",")
cars = raw[:, 1]
print("hours:", len(cars), "mean:", round(cars.mean(), 1), "sd:", round(cars.std(), 1))

# 2. scale what goes in
lo, hi = cars[:1000].min(), cars[:1000].max()
scaled = (cars - lo) / (hi - lo)

# 3. windows of one and a half days
look = 36
X, Y = [], []
for i in range(look, len(cars)):
    X.append(scaled[i - look : i])
    Y.append(cars[i])
X = np.array(X)[..., None]
Y = np.array(Y)
X_train, Y_train = X[:1000], Y[:1000]
X_test, Y_test = X[1000:], Y[1000:]

# 4. the network
model = tf.keras.models.Sequential()
model.add(tf.keras.layers.InputLayer((look, 1)))
model.add(tf.keras.layers.LSTM(20, return_sequences=True))
model.add(tf.keras.layers.Dropout(0.1))
model.add(tf.keras.layers.LSTM(20))
model.add(tf.keras.layers.Dense(1))
model.compile(optimizer="adam", loss="mean_squared_error")

# 5. train
model.fit(X_train, Y_train, epochs=14, batch_size=32, verbose=2)

# 6. look at it
guess = model.predict(X_test, verbose=0)[:, 0]
print("lowest and highest forecast:", guess.min(), guess.max())
rmse = np.sqrt(np.mean((guess - Y_test) ** 2))
print("RMSE:", rmse, "cars; sd of the counts:", Y_test.std())
print("R2: %.3f" % (1 - rmse**2 / Y_test.var()))
