import numpy as np
import keras
from keras import layers, regularizers

keras.utils.set_random_seed(58)
f = np.load("herbs.npz")
leaf, herb = f["leaf"], keras.utils.to_categorical(f["herb"], 3)

model = keras.Sequential(
    [
        layers.Input((18, 4)),
        layers.GaussianNoise(0.1),
        layers.LSTM(
            28,
            dropout=0.3,
            recurrent_dropout=0.2,
            kernel_regularizer=regularizers.l2(1e-4),
            recurrent_regularizer=regularizers.l2(1e-4),
        ),
        layers.Dropout(0.4),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    keras.optimizers.AdamW(0.004, weight_decay=0.01, clipnorm=0.5),
    keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
    metrics=["categorical_accuracy"],
)
model.fit(leaf[:720], herb[:720], epochs=20, batch_size=36, validation_split=0.15, verbose=2)
print("test", model.evaluate(leaf[720:], herb[720:], verbose=0, return_dict=True)["categorical_accuracy"])
