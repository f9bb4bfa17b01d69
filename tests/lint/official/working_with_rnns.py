"""
Title: A tour of the recurrent layers
"""

import numpy as np
import keras
from keras import layers, ops

model = keras.Sequential()
model.add(layers.Embedding(input_dim=1000, output_dim=64))
model.add(layers.LSTM(128))
model.add(layers.Dense(10))
model.summary()

model = keras.Sequential()
model.add(layers.Embedding(input_dim=1000, output_dim=64))
model.add(layers.GRU(256, return_sequences=True))
model.add(layers.SimpleRNN(128))
model.add(layers.Dense(10))
model.summary()

encoder_vocab = 1000
decoder_vocab = 2000
encoder_input = layers.Input(shape=(None,))
encoder_embedded = layers.Embedding(input_dim=encoder_vocab, output_dim=64)(encoder_input)
output, state_h, state_c = layers.LSTM(64, return_state=True, name="encoder")(encoder_embedded)
encoder_state = [state_h, state_c]
decoder_input = layers.Input(shape=(None,))
decoder_embedded = layers.Embedding(input_dim=decoder_vocab, output_dim=64)(decoder_input)
decoder_output = layers.LSTM(64, name="decoder")(decoder_embedded, initial_state=encoder_state)
output = layers.Dense(10)(decoder_output)
model = keras.Model([encoder_input, decoder_input], output)
model.summary()

paragraph1 = np.random.random((20, 10, 50)).astype(np.float32)
paragraph2 = np.random.random((20, 10, 50)).astype(np.float32)
lstm_layer = layers.LSTM(64, stateful=True)
output = lstm_layer(paragraph1)
output = lstm_layer(paragraph2)
lstm_layer.reset_state()

model = keras.Sequential()
model.add(layers.Input((5, 10)))
model.add(layers.Bidirectional(layers.LSTM(64, return_sequences=True)))
model.add(layers.Bidirectional(layers.LSTM(32)))
model.add(layers.Dense(10))
model.summary()

batch_size = 64
input_dim = 28
units = 64
output_size = 10


def build_model(allow_cudnn_kernel=True):
    if allow_cudnn_kernel:
        lstm_layer = layers.LSTM(units)
    else:
        lstm_layer = layers.RNN(layers.LSTMCell(units))
    return keras.models.Sequential(
        [
            layers.Input((None, input_dim)),
            lstm_layer,
            layers.BatchNormalization(),
            layers.Dense(output_size),
        ]
    )


(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

model = build_model(allow_cudnn_kernel=True)
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer="sgd",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, validation_data=(x_test, y_test), batch_size=batch_size, epochs=1)


class NestedCell(keras.Layer):
    def __init__(self, unit_1, unit_2, **kwargs):
        self.unit_1, self.unit_2 = unit_1, unit_2
        self.state_size = [(unit_1,), (unit_2,)]
        self.output_size = (unit_1, unit_2)
        super().__init__(**kwargs)

    def build(self, input_shapes):
        self.kernel = self.add_weight(
            shape=(input_shapes[-1], self.unit_1), initializer="uniform", name="kernel"
        )

    def call(self, inputs, states):
        s1, s2 = states
        output = ops.matmul(inputs, self.kernel) + s1
        return output, (output, s2)


inputs = keras.Input((None, 32))
outputs = layers.RNN(NestedCell(8, 4))(inputs)
model = keras.models.Model(inputs, outputs)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
