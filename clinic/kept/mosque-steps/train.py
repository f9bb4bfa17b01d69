import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(26)
EMPTY = -1.0


def load():
    z = np.load("walks.npz")
    steps = (z["walk"] != EMPTY).all(-1).sum(1)
    print("steps per walk: %d to %d of %d" % (steps.min(), steps.max(), z["walk"].shape[1]))
    return z["walk"], z["carpet"]


def classifier(shape):
    walk = tf.keras.Input(shape)
    h = tf.keras.layers.Masking(mask_value=EMPTY)(walk)
    h = tf.keras.layers.LSTM(18)(h)
    h = tf.keras.layers.Dense(8, activation="relu")(h)
    return tf.keras.Model(walk, tf.keras.layers.Dense(2)(h))


walk, carpet = load()
model = classifier(walk.shape[1:])
model.compile(
    optimizer=tf.keras.optimizers.Adam(3e-3),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(walk[:600], carpet[:600], epochs=14, batch_size=24, validation_split=0.1, verbose=2)
logits = model.predict(walk[600:], verbose=0)
print("accuracy on new walks: %.3f" % (logits.argmax(1) == carpet[600:]).mean())
