import numpy as np
import keras
from keras.layers import LSTM, Bidirectional, Dense, GlobalMaxPooling1D, Input
from keras.models import Model

keras.utils.set_random_seed(112)

log = np.load("pager.npz")
calls, page = log["x"], log["y"]
print("pages:", page.sum(), "of", len(page))
t, v = slice(0, 900), slice(900, None)

a = Input(shape=(20, 2))
b = Bidirectional(LSTM(12, return_sequences=True))(a)
c = GlobalMaxPooling1D()(b)
d = Dense(1, activation="sigmoid")(c)
model = Model(a, d)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
model.fit(calls[t], page[t], batch_size=30, epochs=16, verbose=2)

p = model.predict(calls[v], verbose=0).ravel() > 0.5
sensitivity = p[page[v] == 1].mean()
specificity = (~p[page[v] == 0]).mean()
print("sensitivity %.3f specificity %.3f" % (sensitivity, specificity))
print("mean of both %.3f" % ((sensitivity + specificity) / 2))
