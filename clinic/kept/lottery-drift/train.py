import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(1929)
LOOK = 20

close, volume = np.loadtxt("quotes.csv", delimiter=",", skiprows=1).T
ret = np.diff(np.log(close))
vol = np.log(volume[1:])
series = np.c_[ret, vol]
fit_rows = 1000
series = (series - series[:fit_rows].mean(0)) / series[:fit_rows].std(0)

x = np.array([series[i - LOOK : i] for i in range(LOOK, len(series))])
y = series[LOOK:, 0]
a, b = fit_rows - LOOK, fit_rows - LOOK + 100

inp = layers.Input((LOOK, 2))
h = layers.LSTM(12)(inp)
h = layers.Dropout(0.2)(h)
model = keras.Model(inp, layers.Dense(1)(h))
model.compile(keras.optimizers.Adam(0.002), "mse")
model.fit(x[:a], y[:a], validation_data=(x[a:b], y[a:b]), epochs=12, batch_size=35, verbose=2)
p = model.predict(x[b:], verbose=0)[:, 0]
print("sign right:", np.mean(np.sign(p) == np.sign(y[b:])))
print("R2 %.3f" % (1 - np.mean((p - y[b:]) ** 2) / np.mean((y[b:] - y[:a].mean()) ** 2)))
