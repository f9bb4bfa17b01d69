import numpy as np
import keras
from keras.layers import Input, Embedding, LSTM, Dense, Dropout

keras.utils.set_random_seed(4)
d = np.load("data.npz")
notes, topic = d["notes"], d["topic"]
val_notes, val_topic = notes[-200:], topic[-200:]
notes, topic = notes[:-200], topic[:-200]

inp = Input(shape=(None,), dtype="int32")
x = Embedding(220, 16, mask_zero=True)(inp)
x = Dropout(0.5)(x)
x = LSTM(24, dropout=0.4, recurrent_dropout=0.2)(x)
x = Dropout(0.5)(x)
x = Dense(16, activation="relu")(x)
x = Dropout(0.5)(x)
out = Dense(4, activation="softmax")(x)
clf = keras.Model(inp, out)
clf.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.004), metrics=["accuracy"])
clf.fit(notes, topic, batch_size=32, epochs=14, validation_data=(val_notes, val_topic), verbose=2)
print("val accuracy", clf.evaluate(val_notes, val_topic, verbose=0)[1])
