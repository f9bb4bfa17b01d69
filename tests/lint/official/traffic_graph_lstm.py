"""
Title: Forecast traffic with a graph convolution and an LSTM
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import pandas as pd
import tensorflow as tf
import keras
from keras import layers, ops

speeds_array = pd.read_csv("speed.csv", header=None).to_numpy()
route_distances = pd.read_csv("distance.csv", header=None).to_numpy()

train_size, val_size = 0.5, 0.2


def preprocess(data_array, train_size, val_size):
    num_time_steps = data_array.shape[0]
    num_train = int(num_time_steps * train_size)
    num_val = int(num_time_steps * val_size)
    train_array = data_array[:num_train]
    mean, std = train_array.mean(axis=0), train_array.std(axis=0)
    train_array = (train_array - mean) / std
    val_array = (data_array[num_train : (num_train + num_val)] - mean) / std
    test_array = (data_array[(num_train + num_val) :] - mean) / std
    return train_array, val_array, test_array


train_array, val_array, test_array = preprocess(speeds_array, train_size, val_size)
batch_size = 64
input_sequence_length = 12
forecast_horizon = 3


def create_tf_dataset(data_array, input_sequence_length, forecast_horizon, batch_size=128):
    inputs = keras.utils.timeseries_dataset_from_array(
        np.expand_dims(data_array[:-forecast_horizon], axis=-1),
        None,
        sequence_length=input_sequence_length,
        shuffle=False,
        batch_size=batch_size,
    )
    target_offset = input_sequence_length + forecast_horizon - 1
    targets = keras.utils.timeseries_dataset_from_array(
        data_array[target_offset:],
        None,
        sequence_length=1,
        shuffle=False,
        batch_size=batch_size,
    )
    dataset = tf.data.Dataset.zip((inputs, targets))
    return dataset.shuffle(100).prefetch(16).cache()


train_dataset, val_dataset = (
    create_tf_dataset(array, input_sequence_length, forecast_horizon, batch_size)
    for array in (train_array, val_array)
)


class GraphConv(layers.Layer):
    def __init__(self, in_feat, out_feat, edges, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.edges = edges
        self.weight = self.add_weight(
            initializer=keras.initializers.GlorotUniform(),
            shape=(in_feat, out_feat),
            dtype="float32",
            trainable=True,
        )
        self.activation = layers.Activation(activation)

    def call(self, features):
        messages = ops.segment_sum(ops.take(features, self.edges[1], axis=0), self.edges[0])
        return self.activation(ops.matmul(messages, self.weight))


class LSTMGC(layers.Layer):
    def __init__(self, in_feat, out_feat, lstm_units, input_seq_len, output_seq_len, edges, **kw):
        super().__init__(**kw)
        self.graph_conv = GraphConv(in_feat, out_feat, edges, activation="relu")
        self.lstm = layers.LSTM(lstm_units, activation="tanh")
        self.dense = layers.Dense(output_seq_len)
        self.input_seq_len, self.output_seq_len = input_seq_len, output_seq_len

    def call(self, inputs):
        inputs = ops.transpose(inputs, [2, 0, 1, 3])
        gcn_out = self.graph_conv(inputs)
        shape = ops.shape(gcn_out)
        num_nodes, batch_size, input_seq_len, out_feat = shape
        gcn_out = ops.reshape(gcn_out, (batch_size * num_nodes, input_seq_len, out_feat))
        lstm_out = self.lstm(gcn_out)
        dense_output = self.dense(lstm_out)
        output = ops.reshape(dense_output, (num_nodes, batch_size, self.output_seq_len))
        return ops.transpose(output, [1, 2, 0])


edges = np.where(np.exp(-((route_distances / 10000.0) ** 2) / 0.1) >= 0.5)
st_gcn = LSTMGC(1, 10, 64, input_sequence_length, forecast_horizon, edges)
inputs = layers.Input((input_sequence_length, route_distances.shape[0], 1))
outputs = st_gcn(inputs)

model = keras.models.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=0.0002),
    loss=keras.losses.MeanSquaredError(),
)
model.fit(
    train_dataset,
    validation_data=val_dataset,
    epochs=20,
    callbacks=[keras.callbacks.EarlyStopping(patience=10)],
)
