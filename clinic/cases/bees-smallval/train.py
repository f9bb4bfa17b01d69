import csv
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.utils import set_random_seed

set_random_seed(8)
with open('data.csv') as fh:
    rows = [list(map(float, r)) for r in csv.reader(fh)]
rows = np.array(rows)
X = rows[:, :-1].reshape(len(rows), 14, 1)
y = rows[:, -1]
X_val, y_val = X[-24:], y[-24:]
X_test, y_test = X[700:-24], y[700:-24]
X, y = X[:700], y[:700]

model = Sequential([Input((14, 1)), LSTM(16), Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
model.fit(X, y, epochs=30, batch_size=20, validation_data=(X_val, y_val), verbose=2)
print('test accuracy', model.evaluate(X_test, y_test, verbose=0)[1])
