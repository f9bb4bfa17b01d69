import numpy as np
import keras
from keras.layers import LSTM, Dense, Embedding, Input, SpatialDropout1D

keras.utils.set_random_seed(600)


class Posts:
    def __init__(self):
        z = np.load("posts.npz")
        self.words = z["words"]
        self.angry = z["angry"]
        self.common = int(z["common"][0])

    def cut(self, k):
        return (self.words[:k], self.angry[:k]), (self.words[k:], self.angry[k:])


posts = Posts()
(x, y), (x_test, y_test) = posts.cut(700)
model = keras.Sequential(
    [
        Input((x.shape[1],)),
        Embedding(int(posts.words.max()) + 1, 12),
        SpatialDropout1D(0.1),
        LSTM(12),
        Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["acc"])
model.fit(x, y, epochs=10, batch_size=28, verbose=2, validation_split=0.12)
p = model.predict(x_test, verbose=0)[:, 0]
print("accuracy %.3f" % np.mean((p > 0.5) == (y_test == 1)))
