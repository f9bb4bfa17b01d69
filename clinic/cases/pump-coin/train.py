import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(7)

data = np.load("data.npz")
x, y = data["x"].astype("float32"), data["y"].astype("float32")

n_test = len(x) // 5
x_train, y_train = x[:-n_test], y[:-n_test]
x_test, y_test = x[-n_test:], y[-n_test:]
print("train", x_train.shape, "test", x_test.shape)

model = keras.Sequential(
    [
        layers.Input(shape=x.shape[1:]),
        layers.LSTM(24),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

model.fit(x_train, y_train, epochs=20, batch_size=32, validation_split=0.15, verbose=2)

loss, acc = model.evaluate(x_test, y_test, verbose=0)
pred = (model.predict(x_test, verbose=0).ravel() > 0.5).astype(int)
recalls = [np.mean(pred[y_test == c] == c) for c in np.unique(y_test)]
print("test accuracy %.3f" % acc)
print("mean recall over the classes %.3f" % np.mean(recalls))
