import numpy as np
import keras
from keras import layers, optimizers

keras.utils.set_random_seed(88)
forum = np.load("forum.npz")
posts, label = forum["posts"], forum["label"]
cut = 1200

model = keras.Sequential()
model.add(layers.Input((posts.shape[1],), dtype="int32"))
model.add(layers.Embedding(900, 24))
model.add(layers.LSTM(24))
model.add(layers.Dense(1, activation="sigmoid"))
opt = optimizers.Adam()
model.compile(loss="binary_crossentropy", optimizer=opt, metrics=["accuracy"])
model.fit(posts[:cut], label[:cut], epochs=8, batch_size=32, verbose=2, validation_data=(posts[cut:], label[cut:]))
_, acc = model.evaluate(posts[cut:], label[cut:], verbose=0)
print("accuracy", acc)
