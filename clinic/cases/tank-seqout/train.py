import numpy as np
from keras.models import Model
from keras.layers import Input, LSTM, Dense
import keras

keras.utils.set_random_seed(15)
train = np.load("data.npz")
X = train["X"].astype(np.float32)
y = train["y"].astype(np.float32).reshape(-1, 1)
Xtr, ytr, Xte, yte = X[:1000], y[:1000], X[1000:], y[1000:]

a = Input(shape=(X.shape[1], X.shape[2]))
b = LSTM(24, return_sequences=True)(a)
b = LSTM(12, return_sequences=True)(b)
c = Dense(1)(b)
model = Model(inputs=a, outputs=c)
model.compile(loss="mse", optimizer="adam")
model.fit(Xtr, ytr, epochs=15, batch_size=25, verbose=2)

out = model.predict(Xte, verbose=0)
print("prediction", out.shape)
print("r2", 1 - float(np.mean((out.reshape(len(out), -1) - yte) ** 2) / yte.var()))
