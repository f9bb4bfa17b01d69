"""
Title: Topics of news, from raw text to classes
"""

import tensorflow as tf
import keras
from keras import layers

batch_size = 32
raw_train_ds = keras.utils.text_dataset_from_directory(
    "news/train", batch_size=batch_size, validation_split=0.2, subset="training", seed=1337
)
raw_val_ds = keras.utils.text_dataset_from_directory(
    "news/train", batch_size=batch_size, validation_split=0.2, subset="validation", seed=1337
)

max_features = 20000
embedding_dim = 128
sequence_length = 500

vectorize_layer = layers.TextVectorization(
    max_tokens=max_features,
    output_mode="int",
    output_sequence_length=sequence_length,
)
vectorize_layer.adapt(raw_train_ds.map(lambda x, y: x))


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(buffer_size=10)
val_ds = raw_val_ds.map(vectorize_text).cache().prefetch(buffer_size=10)

inputs = keras.Input(shape=(None,), dtype="int64")
x = layers.Embedding(max_features, embedding_dim, mask_zero=True)(inputs)
x = layers.Dropout(0.5)(x)
x = layers.Bidirectional(layers.LSTM(32))(x)
x = layers.Dense(64, activation="relu")(x)
x = layers.Dropout(0.5)(x)
predictions = layers.Dense(20, activation="softmax", name="predictions")(x)

model = keras.Model(inputs, predictions)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=3)
