import numpy as np
import keras
from keras import layers
from keras.optimizers import Adam

keras.utils.set_random_seed(50)
d = np.load("data.npz")
X, y = d["X"], d["y"]
y = keras.utils.to_categorical(y, 4)
lr = 0.003

inputs = keras.Input(X.shape[1:])
x = layers.LSTM(32, return_sequences=True)(inputs)
x = layers.LSTM(16)(x)
x = layers.Dense(16, activation="relu")(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=Adam(learning_rate=lr), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(X[:1000], y[:1000], epochs=15, batch_size=32, verbose=2)
print("accuracy %.3f" % model.evaluate(X[1000:], y[1000:], verbose=0)[1])
