import numpy as np
import keras
from keras import layers
from keras.regularizers import L2

keras.utils.set_random_seed(30)
PENALTY = 2.0
DROP = 0.8

honey = np.load("honey.npz")
x_train, x_test = np.split(honey["x"], [800])
y_train, y_test = np.split(honey["y"], [800])

hives = layers.Input(x_train.shape[1:])
h = layers.LSTM(32, kernel_regularizer=L2(PENALTY), recurrent_regularizer=L2(PENALTY))(hives)
h = layers.Dropout(DROP)(h)
yields = layers.Dense(1, kernel_regularizer=L2(PENALTY))(h)
model = keras.Model(hives, yields)
model.compile(optimizer=keras.optimizers.Adam(0.004), loss="mse", metrics=["mse"])
model.fit(x_train, y_train, epochs=18, batch_size=32, validation_data=(x_test, y_test), verbose=2)
p = model.predict(x_test, verbose=0)[:, 0]
print("R2 %.3f" % (1 - np.mean((p - y_test) ** 2) / np.var(y_test)))
