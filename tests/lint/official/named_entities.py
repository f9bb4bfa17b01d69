"""
Title: Tag the words of a sentence
"""

import numpy as np
from tensorflow.keras.layers import (
    LSTM,
    Bidirectional,
    Dense,
    Embedding,
    Input,
    SpatialDropout1D,
    TimeDistributed,
)
from tensorflow.keras.models import Model
from tensorflow.keras.preprocessing.sequence import pad_sequences

sentences = np.load("sentences.npy", allow_pickle=True)
words = sorted({word for sentence in sentences for word, tag in sentence})
tags = sorted({tag for sentence in sentences for word, tag in sentence})
num_words = len(words) + 2
num_tags = len(tags)
word2idx = {w: i + 2 for i, w in enumerate(words)}
tag2idx = {t: i for i, t in enumerate(tags)}

max_len = 50
X = [[word2idx[w] for w, t in s] for s in sentences]
X = pad_sequences(maxlen=max_len, sequences=X, padding="post", value=0)
y = [[tag2idx[t] for w, t in s] for s in sentences]
y = pad_sequences(maxlen=max_len, sequences=y, padding="post", value=tag2idx["O"])

input_word = Input(shape=(max_len,))
model = Embedding(input_dim=num_words, output_dim=50, mask_zero=True)(input_word)
model = SpatialDropout1D(0.1)(model)
model = Bidirectional(LSTM(units=100, return_sequences=True, recurrent_dropout=0.1))(model)
out = TimeDistributed(Dense(num_tags, activation="softmax"))(model)
model = Model(input_word, out)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X, y, validation_split=0.2, batch_size=32, epochs=3, verbose=1)
