import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

keras.utils.set_random_seed(29)
fields = np.load("crops.npz")

model = keras.Sequential()
model.add(Input((14, 3)))
model.add(LSTM(24))
model.add(Dense(4, activation="softmax"))
model.compile(keras.optimizers.RMSprop(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    fields["x"].astype("float32"),
    fields["y"],
    batch_size=20,
    epochs=6,
    shuffle=False,
    verbose=2,
)
_, accuracy = model.evaluate(fields["x_new"].astype("float32"), fields["y_new"], verbose=0)
print("accuracy on other fields:", accuracy)
