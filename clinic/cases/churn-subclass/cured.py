import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)


class ChurnNet(tf.keras.Model):
    def __init__(self, units=32):
        super().__init__()
        self.rnn = tf.keras.layers.LSTM(units)
        self.drop = tf.keras.layers.Dropout(0.2)
        self.head = tf.keras.layers.Dense(1, activation="sigmoid")

    def call(self, x, training=None):
        h = self.rnn(x)
        h = self.drop(h, training=training)
        return self.head(h)


arr = np.load("data.npz")
x_tr, y_tr = arr["x_train"], arr["y_train"]
x_te, y_te = arr["x_test"], arr["y_test"]

net = ChurnNet()
net.compile(
    optimizer=tf.keras.optimizers.Adam(),
    loss=tf.keras.losses.BinaryCrossentropy(),
    metrics=["accuracy"],
)
net.fit(x_tr, y_tr, epochs=12, batch_size=32, validation_data=(x_te, y_te), verbose=2)
print("final accuracy", net.evaluate(x_te, y_te, verbose=0)[1])
