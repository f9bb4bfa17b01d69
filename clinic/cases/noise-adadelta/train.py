import numpy as np
from keras.models import Sequential
from keras.layers import LSTM, Dense, Dropout, Input
from keras.utils import to_categorical, set_random_seed

set_random_seed(56)
archive = np.load('data.npz')
x = archive['x']
y = to_categorical(archive['y'])
x_train, x_test, y_train, y_test = x[:1100], x[1100:], y[:1100], y[1100:]

batch_size = 32
epochs = 20

model = Sequential()
model.add(Input(shape=x.shape[1:]))
model.add(LSTM(32))
model.add(Dropout(0.25))
model.add(Dense(y.shape[1], activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, verbose=2, validation_data=(x_test, y_test))
score = model.evaluate(x_test, y_test, verbose=0)
print('Test loss:', score[0])
print('Test accuracy:', score[1])
