"""Which of three groups does a respondent belong to?"""
import numpy as np
import keras
from keras.layers import *

keras.utils.set_random_seed(13)
survey = np.load("survey.npz")
x, y = survey["answers"], keras.utils.to_categorical(survey["group"])
x_train, y_train, x_test, y_test = x[:2200], y[:2200], x[2200:], y[2200:]

i = Input(x.shape[1:])
o = LSTM(32)(i)
o = Dense(y.shape[1], activation="softmax")(o)
model = keras.Model(i, o)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["acc"])
model.fit(x_train, y_train, epochs=15, batch_size=2200, verbose=2)
print("accuracy", model.evaluate(x_test, y_test, verbose=0)[1])
