import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(909)

file = np.load("cello.npz")
features = file["x"].astype(np.float32)
target = file["y"].astype(np.float32)

train_x, test_x = np.split(features, [800])
train_y, test_y = np.split(target, [800])

inputs = tf.keras.layers.Input(train_x.shape[1:])
x = tf.keras.layers.LSTM(16)(inputs)
outputs = tf.keras.layers.Dense(1)(x)
model = tf.keras.models.Model(inputs=inputs, outputs=outputs)
model.compile(loss="mean_squared_error", optimizer=tf.keras.optimizers.Adam(learning_rate=1e-4))

losses = []
for epoch in range(20):
    h = model.fit(train_x, train_y, epochs=1, batch_size=32, verbose=0)
    losses.append(h.history["loss"][0])
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "train loss", losses[-1])

y_hat = model.predict(test_x, verbose=0).flatten()
ss_res = np.sum((test_y - y_hat) ** 2)
ss_tot = np.sum((test_y - np.mean(test_y)) ** 2)
print("R squared: %.3f" % (1 - ss_res / ss_tot))
