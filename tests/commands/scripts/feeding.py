"""Trains in the ways that are named in sys.argv, and prints what came out of each."""

import hashlib
import sys

import keras
import numpy as np
from keras import layers

SAMPLES, STEPS = 24, 3
rng = np.random.default_rng(3)
x = rng.normal(size=(SAMPLES, STEPS, 2)).astype("float32")
y = x.sum((1, 2))[:, None]
label = (y[:, 0] > 0).astype("int32")
weight = np.linspace(0.5, 2, SAMPLES).astype("float32")
quiet = {"batch_size": 8, "epochs": 2, "verbose": 0}


def one(loss="mse", units=1, activation=None, optimizer="adam", **options):
    model = keras.Sequential([layers.LSTM(2), layers.Dense(units, activation=activation)])
    model.compile(optimizer, loss, **options)
    return model


def two():
    a, b = keras.Input((STEPS, 2), name="a"), keras.Input((STEPS, 2), name="b")
    joined = layers.Concatenate()([layers.LSTM(2)(a), layers.LSTM(2)(b)])
    outputs = {"p": layers.Dense(1, name="p")(joined), "q": layers.Dense(1, name="q")(joined)}
    model = keras.Model([a, b], outputs)
    model.compile("adam", {"p": "mse", "q": "mae"})
    return model


def arrays():
    model = one(metrics=["mae"])
    model.fit(x, y, **quiet)
    return model


def nothing_shuffled_and_a_later_epoch():
    model = one()
    model.fit(x, y, batch_size=8, epochs=3, initial_epoch=1, shuffle=False, verbose=0)
    return model


def several_inputs_in_a_list():
    model = two()
    model.fit([x, x[::-1]], {"p": y, "q": -y}, **quiet)
    return model


def several_inputs_in_a_dict():
    model = two()
    model.fit({"a": x, "b": x}, {"p": y, "q": -y}, **quiet)
    return model


def validation_data():
    model = one()
    model.fit(x, y, validation_data=(x[:8], y[:8]), **quiet)
    return model


def validation_split():
    model = one()
    model.fit(x, y, validation_split=0.25, validation_freq=2, **quiet)
    return model


def class_weight():
    model = one("sparse_categorical_crossentropy", 2, "softmax", weighted_metrics=["accuracy"])
    model.fit(x, label, class_weight={0: 1.0, 1: 3.0}, **quiet)
    return model


def sample_weight():
    model = one()
    model.fit(x, y, sample_weight=weight, **quiet)
    return model


def positional():
    model = one()
    model.fit(x, y, 8, 2, 0, [keras.callbacks.EarlyStopping(monitor="loss")])
    return model


def generator():
    def endless():
        while True:
            yield x[:8], y[:8]

    model = one()
    model.fit(endless(), steps_per_epoch=3, epochs=2, verbose=0)
    return model


def finite_generator():
    model = one()
    model.fit(((x[i : i + 8], y[i : i + 8]) for i in (0, 8, 16)), verbose=0)
    return model


def pydataset():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            rows = slice(8 * index, 8 * index + 8)
            return x[rows], y[rows], weight[rows]

    model = one()
    model.fit(Batches(workers=2), epochs=2, verbose=0)
    return model


def tf_data():
    import tensorflow as tf

    model = one()
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(24, seed=1).batch(8)
    model.fit(data, epochs=2, validation_data=data.take(1), verbose=0)
    return model


def torch_loader():
    import torch

    data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y))
    model = one()
    model.fit(torch.utils.data.DataLoader(data, batch_size=8), epochs=2, verbose=0)
    return model


def several_steps_per_execution():
    model = one(steps_per_execution=2)
    model.fit(x, y, **quiet)
    return model


def compiled():
    model = one(jit_compile=True)
    model.fit(x, y, **quiet)
    return model


def not_compiled():
    model = one(jit_compile=False)
    model.fit(x, y, **quiet)
    return model


def eager():
    model = one(run_eagerly=True)
    model.fit(x, y, **quiet)
    return model


def stock_callbacks():
    model = one()
    callbacks = [
        keras.callbacks.EarlyStopping(monitor="loss", patience=1, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint("best.keras", monitor="loss", save_best_only=True),
        keras.callbacks.ModelCheckpoint("w{epoch}.weights.h5", save_weights_only=True),
        keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=0, min_delta=10.0),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 2),
        keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None),
    ]
    given = list(callbacks)
    history = model.fit(x, y, callbacks=callbacks, **{**quiet, "epochs": 4})
    assert callbacks == given
    print(history.history)
    again = keras.models.load_model("best.keras")
    print(len(again.optimizer.variables), again.optimizer.learning_rate.numpy() > 0)
    return model


class Counter(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = 0

    def on_epoch_end(self, epoch, logs=None):
        self.seen += 1


def callback_forms():
    model = one()
    counter, history = Counter(), keras.callbacks.History()
    owned = keras.callbacks.CallbackList([counter, history], model=model, epochs=2, steps=3)
    held = owned.callbacks
    for callbacks in (counter, [], None, (counter,), owned):
        model.fit(x, y, callbacks=callbacks, **quiet)
    assert owned.callbacks is held
    print(counter.seen, [type(callback).__name__ for callback in held], history.epoch)
    return model


class Forecaster(keras.Model):
    def __init__(self):
        super().__init__()
        self.cell = layers.LSTM(2)
        self.head = layers.Dense(1)

    def call(self, inputs):
        return self.head(self.cell(inputs))

    def fit(self, *args, **kwargs):
        print("own fit")
        return super().fit(*args, **kwargs)

    def compile(self, **kwargs):
        print("own compile")
        super().compile(**kwargs)

    def train_step(self, *args):
        self.steps_traced = getattr(self, "steps_traced", 0) + 1
        return super().train_step(*args)


def subclass():
    model = Forecaster()
    model.compile(optimizer="sgd", loss="mse")
    model.fit(x, y, **quiet)
    return model


def several_fits():
    model = one(optimizer=keras.optimizers.SGD(0.01, momentum=0.9, clipnorm=0.1))
    model.fit(x, y, **quiet)
    model.optimizer.learning_rate = 0.001
    model.fit(x, y, **quiet)
    model.compile("rmsprop", "mae")
    model.fit(x, y, **quiet)
    return model


def reloaded():
    model = one()
    model.fit(x, y, **quiet)
    model.save("saved.keras")
    model = keras.models.load_model("saved.keras")
    model.fit(x, y, **quiet)
    return model


def a_monitor_of_ones_own():
    import unstuck

    model = one()
    monitor = unstuck.Monitor()
    model.fit(x, y, callbacks=[monitor], **quiet)
    print(type(monitor.diagnosis()).__name__)
    return model


def nested():
    model, other = one(), one()

    class Also(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            other.fit(x, -y, **quiet)

    model.fit(x, y, callbacks=[Also()], **quiet)
    print(sum(float(np.sum(w)) for w in other.get_weights()))
    return model


def caught():
    model = one()
    try:
        model.fit(x, y[:3], **quiet)
    except ValueError as error:
        print(type(error).__name__, str(error)[:40])

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("enough")

    try:
        model.fit(x, y, callbacks=[Stop()], **quiet)
    except RuntimeError as error:
        print(error, error.__context__)
    try:
        model.fit(x, y, epoch=3)
    except TypeError as error:
        print(error)
    model.fit(x, y, **quiet)
    return model


for name in sys.argv[1:]:
    keras.utils.set_random_seed(7)
    model = globals()[name]()
    digest = hashlib.sha1(b"".join(np.ascontiguousarray(w) for w in model.get_weights()))
    print(name, digest.hexdigest(), len(model.optimizer.variables), np.random.rand(), flush=True)
