import numpy as np
import keras
from keras.layers import LSTM, Bidirectional, Dense, Input

keras.utils.set_random_seed(44)
NAMES = {11: "circle", 12: "mirror circle", 13: "tick", 14: "eight"}

strokes = np.load("strokes.npz")
xy = strokes["xy"].astype("float32")
sign = strokes["sign"]
order = np.argsort(np.random.RandomState(9).rand(len(sign)))
xy, sign = xy[order], sign[order]
sign = sign - 11
k = 660

net = keras.Sequential(name="signs")
net.add(Input(xy.shape[1:]))
net.add(Bidirectional(LSTM(12)))
net.add(Dense(len(NAMES), activation="softmax"))
net.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
net.fit(xy[:k], sign[:k], epochs=12, batch_size=22, validation_split=0.1, verbose=2)

best = np.argmax(net.predict(xy[k:], verbose=0), axis=-1)
for s, name in enumerate(NAMES.values()):
    print(name, "share", round(float((sign[k:] == s).mean()), 2))
print("right: %.3f" % (best == sign[k:]).mean())
