"""
Title: Translate with an encoder, a decoder and attention between them
"""

import keras
from keras import layers, ops

UNITS = 256
VOCAB = 5000


class ShapedEncoder(layers.Layer):
    def __init__(self, vocabulary_size, units):
        super().__init__()
        self.embedding = layers.Embedding(vocabulary_size, units, mask_zero=True)
        self.rnn = layers.Bidirectional(layers.GRU(units, return_sequences=True), merge_mode="sum")

    def call(self, x):
        return self.rnn(self.embedding(x))


class CrossAttention(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__()
        self.mha = layers.MultiHeadAttention(key_dim=units, num_heads=1, **kwargs)
        self.layernorm = layers.LayerNormalization()
        self.add = layers.Add()

    def call(self, x, context):
        attn_output = self.mha(query=x, value=context)
        return self.layernorm(self.add([x, attn_output]))


class Decoder(layers.Layer):
    def __init__(self, vocabulary_size, units):
        super().__init__()
        self.embedding = layers.Embedding(vocabulary_size, units, mask_zero=True)
        self.rnn = layers.GRU(units, return_sequences=True, return_state=True)
        self.attention = CrossAttention(units)
        self.output_layer = layers.Dense(vocabulary_size)

    def call(self, context, x, state=None, return_state=False):
        x = self.embedding(x)
        x, state = self.rnn(x, initial_state=state)
        x = self.attention(x, context)
        logits = self.output_layer(x)
        return (logits, state) if return_state else logits


class Translator(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.encoder = ShapedEncoder(VOCAB, units)
        self.decoder = Decoder(VOCAB, units)

    def call(self, inputs):
        context, x = inputs
        return self.decoder(self.encoder(context), x)


def masked_loss(y_true, y_pred):
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    loss = loss_fn(y_true, y_pred)
    mask = ops.cast(ops.not_equal(y_true, 0), loss.dtype)
    loss *= mask
    return ops.sum(loss) / ops.sum(mask)


def masked_acc(y_true, y_pred):
    y_pred = ops.cast(ops.argmax(y_pred, axis=-1), y_true.dtype)
    match = ops.cast(ops.equal(y_true, y_pred), "float32")
    mask = ops.cast(ops.not_equal(y_true, 0), "float32")
    return ops.sum(match * mask) / ops.sum(mask)


train_ds, val_ds = keras.saving.load_model("vectorizer.keras"), None
model = Translator(UNITS)
model.compile(optimizer="adam", loss=masked_loss, metrics=[masked_acc, masked_loss])
history = model.fit(
    train_ds,
    epochs=100,
    steps_per_epoch=100,
    validation_data=val_ds,
    validation_steps=20,
    callbacks=[keras.callbacks.EarlyStopping(patience=3)],
)
