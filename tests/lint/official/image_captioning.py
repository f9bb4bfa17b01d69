"""
Title: Describe a picture with a recurrent decoder
"""

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.applications import efficientnet

IMAGE_SIZE = (299, 299)
VOCAB_SIZE = 10000
SEQ_LENGTH = 25
EMBED_DIM = 512
UNITS = 512
BATCH_SIZE = 64
EPOCHS = 30


def get_cnn_model():
    base_model = efficientnet.EfficientNetB0(
        input_shape=(*IMAGE_SIZE, 3), include_top=False, weights="imagenet"
    )
    base_model.trainable = False
    base_model_out = base_model.output
    base_model_out = layers.Reshape((-1, base_model_out.shape[-1]))(base_model_out)
    return keras.models.Model(base_model.input, base_model_out)


class Attention(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.w1 = layers.Dense(units)
        self.w2 = layers.Dense(units)
        self.v = layers.Dense(1)

    def call(self, features, hidden):
        hidden = tf.expand_dims(hidden, 1)
        scores = self.v(tf.nn.tanh(self.w1(features) + self.w2(hidden)))
        weights = tf.nn.softmax(scores, axis=1)
        return tf.reduce_sum(weights * features, axis=1), weights


class CaptionDecoder(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(VOCAB_SIZE, EMBED_DIM, mask_zero=True)
        self.lstm = layers.LSTM(UNITS, return_sequences=True)
        self.dropout = layers.Dropout(0.3)
        self.out = layers.Dense(VOCAB_SIZE, activation="softmax")

    def call(self, tokens, context, training=False):
        x = self.embedding(tokens)
        x = self.lstm(x, initial_state=[context, context])
        x = self.dropout(x, training=training)
        return self.out(x)


class ImageCaptioningModel(keras.Model):
    def __init__(self, cnn_model, decoder):
        super().__init__()
        self.cnn_model = cnn_model
        self.pool = layers.GlobalAveragePooling1D()
        self.bridge = layers.Dense(UNITS, activation="tanh")
        self.decoder = decoder
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.acc_tracker = keras.metrics.Mean(name="accuracy")

    def calculate_loss(self, y_true, y_pred, mask):
        loss = self.loss(y_true, y_pred)
        mask = tf.cast(mask, dtype=loss.dtype)
        loss *= mask
        return tf.reduce_sum(loss) / tf.reduce_sum(mask)

    def train_step(self, batch_data):
        batch_img, batch_seq = batch_data
        context = self.bridge(self.pool(self.cnn_model(batch_img)))
        with tf.GradientTape() as tape:
            prediction = self.decoder(batch_seq[:, :-1], context, training=True)
            mask = tf.math.not_equal(batch_seq[:, 1:], 0)
            loss = self.calculate_loss(batch_seq[:, 1:], prediction, mask)
        variables = self.decoder.trainable_variables + self.bridge.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    @property
    def metrics(self):
        return [self.loss_tracker, self.acc_tracker]


cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=False, reduction="none")
early_stopping = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)


class LRSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, post_warmup_learning_rate, warmup_steps):
        super().__init__()
        self.post_warmup_learning_rate = post_warmup_learning_rate
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        global_step = tf.cast(step, tf.float32)
        warmup_steps = tf.cast(self.warmup_steps, tf.float32)
        warmup_learning_rate = self.post_warmup_learning_rate * global_step / warmup_steps
        return tf.cond(
            global_step < warmup_steps,
            lambda: warmup_learning_rate,
            lambda: self.post_warmup_learning_rate,
        )


train_dataset = tf.data.Dataset.load("captions_train").batch(BATCH_SIZE).prefetch(2)
valid_dataset = tf.data.Dataset.load("captions_valid").batch(BATCH_SIZE).prefetch(2)
caption_model = ImageCaptioningModel(get_cnn_model(), CaptionDecoder())
num_train_steps = len(train_dataset) * EPOCHS
lr_schedule = LRSchedule(post_warmup_learning_rate=1e-4, warmup_steps=num_train_steps // 15)
caption_model.compile(optimizer=keras.optimizers.Adam(lr_schedule), loss=cross_entropy)
caption_model.fit(
    train_dataset,
    epochs=EPOCHS,
    validation_data=valid_dataset,
    callbacks=[early_stopping],
)
