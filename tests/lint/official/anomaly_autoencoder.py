"""
Title: Find anomalies in a series by what an autoencoder cannot repeat
"""

import numpy as np
import pandas as pd
import keras
from keras import layers
from matplotlib import pyplot as plt

df_small_noise = pd.read_csv("small_noise.csv", parse_dates=True, index_col="timestamp")
df_jumps = pd.read_csv("jumps_up.csv", parse_dates=True, index_col="timestamp")

training_mean = df_small_noise.mean()
training_std = df_small_noise.std()
df_training_value = (df_small_noise - training_mean) / training_std

TIME_STEPS = 288


def create_sequences(values, time_steps=TIME_STEPS):
    output = []
    for i in range(len(values) - time_steps + 1):
        output.append(values[i : (i + time_steps)])
    return np.stack(output)


x_train = create_sequences(df_training_value.values)
print("Training input shape: ", x_train.shape)

model = keras.Sequential(
    [
        layers.Input(shape=(x_train.shape[1], x_train.shape[2])),
        layers.LSTM(64, return_sequences=True),
        layers.Dropout(rate=0.2),
        layers.LSTM(16),
        layers.RepeatVector(x_train.shape[1]),
        layers.LSTM(16, return_sequences=True),
        layers.Dropout(rate=0.2),
        layers.LSTM(64, return_sequences=True),
        layers.TimeDistributed(layers.Dense(x_train.shape[2])),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.001), loss="mse")
model.summary()

history = model.fit(
    x_train,
    x_train,
    epochs=50,
    batch_size=128,
    validation_split=0.1,
    callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, mode="min")],
)

plt.plot(history.history["loss"], label="Training Loss")
plt.plot(history.history["val_loss"], label="Validation Loss")
plt.legend()
plt.show()

x_train_pred = model.predict(x_train)
train_mae_loss = np.mean(np.abs(x_train_pred - x_train), axis=1)
threshold = np.max(train_mae_loss)
print("Reconstruction error threshold: ", threshold)

df_test_value = (df_jumps - training_mean) / training_std
x_test = create_sequences(df_test_value.values)
test_mae_loss = np.mean(np.abs(model.predict(x_test) - x_test), axis=1).reshape((-1))
anomalies = test_mae_loss > threshold
print("Number of anomaly samples: ", np.sum(anomalies))
