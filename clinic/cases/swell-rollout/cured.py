import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(23)
LOOK, AHEAD, HORIZON = 12, 60, 60

swell = np.loadtxt("swell.txt")
swell = (swell - swell[:1600].mean()) / swell[:1600].std()


def frames(series):
    rows = range(len(series) - LOOK - HORIZON)
    x = np.array([series[i : i + LOOK] for i in rows])[..., None]
    y = np.array([series[i + LOOK : i + LOOK + HORIZON] for i in rows])
    return x, y


x, y = frames(swell[:1600])
model = keras.Sequential([layers.Input((LOOK, 1)), layers.LSTM(24), layers.Dense(HORIZON)])
model.compile(keras.optimizers.Adam(0.003), loss="mse")
model.fit(x, y, epochs=8, batch_size=32, verbose=2)

starts = np.arange(1650, 2200 - AHEAD - LOOK, 20)
window = np.array([swell[s : s + LOOK] for s in starts])
truth = np.array([swell[s + LOOK : s + LOOK + AHEAD] for s in starts])
forecast = np.zeros((len(starts), 0))
while forecast.shape[1] < AHEAD:
    step = model.predict(window[..., None], verbose=0)
    forecast = np.concatenate([forecast, step], axis=1)
    window = np.concatenate([window, step], axis=1)[:, -LOOK:]
late = slice(AHEAD // 2, AHEAD)
print("spread of the forecasts late", forecast[:, late].std(1).mean(), "one step R2", 1 - np.mean((forecast[:, 0] - truth[:, 0]) ** 2) / truth.var())
print("R2 of steps 30 to 60: %.3f" % (1 - np.mean((forecast[:, late] - truth[:, late]) ** 2) / truth.var()))
