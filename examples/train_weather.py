"""Forecast how much warmer or colder it will be at New York's JFK airport in twelve hours."""

from pathlib import Path

import keras
import numpy as np

HISTORY = 24  # hours of weather that the network sees
AHEAD = 12  # hours that it looks ahead

keras.utils.set_random_seed(2013)

csv = Path(__file__).parent / "data" / "jfk_weather_2013.csv"
weather = np.genfromtxt(csv, delimiter=",", skip_header=1, usecols=(1, 2, 3))
for column in weather.T:
    known = np.flatnonzero(~np.isnan(column))
    column[:] = np.interp(np.arange(len(column)), known, column[known])
temperature = weather[:, 0]

now = np.arange(HISTORY - 1, len(weather) - AHEAD)
x = np.stack([weather[hour - HISTORY + 1 : hour + 1] for hour in now])
y = temperature[now + AHEAD] - temperature[now]

split = int(0.8 * len(x))
x_train, y_train = x[:split], y[:split]
x_test, y_test = x[split:], y[split:]

model = keras.Sequential(
    [
        keras.Input((HISTORY, 3)),
        keras.layers.LSTM(16),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")
model.fit(x_train, y_train, epochs=10, batch_size=64, validation_data=(x_test, y_test), verbose=2)

forecast = model.predict(x_test, verbose=0)[:, 0]
error = np.sqrt(np.mean((forecast - y_test) ** 2))
usual = np.sqrt(np.mean((y_train.mean() - y_test) ** 2))
print(f"Forecasts lie between {forecast.min():+.1f} and {forecast.max():+.1f} °F.")
print(
    f"They are off by {error:.2f} °F; always saying {y_train.mean():+.1f} °F is off by {usual:.2f}."
)
