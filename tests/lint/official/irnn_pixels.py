"""
Title: Digits read pixel by pixel, by a relu that starts as the identity
"""

import keras
from keras import initializers
from keras.layers import Dense, Input, SimpleRNN
from keras.models import Sequential
from keras.optimizers import RMSprop

batch_size = 32
num_classes = 10
epochs = 200
hidden_units = 100
learning_rate = 1e-4

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(x_train.shape[0], -1, 1).astype("float32") / 255
x_test = x_test.reshape(x_test.shape[0], -1, 1).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, num_classes)
y_test = keras.utils.to_categorical(y_test, num_classes)

model = Sequential()
model.add(Input(shape=x_train.shape[1:]))
model.add(
    SimpleRNN(
        hidden_units,
        kernel_initializer=initializers.RandomNormal(stddev=0.001),
        recurrent_initializer=initializers.Identity(gain=1.0),
        activation="relu",
    )
)
model.add(Dense(num_classes, activation="softmax"))
rmsprop = RMSprop(learning_rate=learning_rate)
model.compile(loss="categorical_crossentropy", optimizer=rmsprop, metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, validation_data=(x_test, y_test))
scores = model.evaluate(x_test, y_test, verbose=0)
print("Accuracy:", scores[1])
