"""Scripts as people write them: what the reader sees is what Keras builds.

Every snippet names the layers that it should lead to and its heads as
"units activation loss". A second test builds the same snippets with Keras.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import textwrap

import pytest

from unstuck.case.script import Call, Model, Script


@dataclasses.dataclass
class Snippet:
    layers: str
    head: str
    source: str

    def __post_init__(self):
        self.source = textwrap.dedent(self.source)


SNIPPETS = {
    "sequential list": Snippet(
        "LSTM(8) Dense(1)",
        "1 sigmoid binary_crossentropy",
        """
        import keras
        from keras import layers
        model = keras.Sequential([
            keras.Input(shape=(20, 3)),
            layers.LSTM(8),
            layers.Dense(1, activation="sigmoid"),
        ])
        model.compile(optimizer="adam", loss="binary_crossentropy")
        """,
    ),
    "add": Snippet(
        "LSTM(8) Dropout Dense(3)",
        "3 softmax categorical_crossentropy",
        """
        from keras.models import Sequential
        from keras.layers import Dense, Dropout, Input, LSTM
        model = Sequential()
        model.add(Input((10, 2)))
        model.add(LSTM(units=8, return_sequences=False))
        model.add(Dropout(0.2))
        model.add(Dense(3))
        from keras.layers import Activation
        model.add(Activation("softmax"))
        model.compile(loss="categorical_crossentropy", optimizer="rmsprop")
        """,
    ),
    "aliases": Snippet(
        "GRU(4) Dense(2)",
        "2 linear mean_squared_error",
        """
        import keras.layers as L
        import keras.ops as K
        import keras
        from keras import optimizers as opt
        m = keras.models.Sequential(layers=[L.Input((5, 1)), L.GRU(4), L.Dense(2)])
        m.compile(opt.Adam(1e-3), "mse")
        model = m
        """,
    ),
    "star imports": Snippet(
        "Embedding LSTM(4) Dense(1)",
        "1 sigmoid binary_crossentropy",
        """
        from keras.models import *
        from keras.layers import *
        from keras.optimizers import *
        model = Sequential()
        model.add(Input((7,)))
        model.add(Embedding(50, 8, mask_zero=True))
        model.add(LSTM(4))
        model.add(Dense(1, "sigmoid"))
        model.compile(Adam(0.01), "bce")
        """,
    ),
    "functional": Snippet(
        "LSTM(8) LSTM(4) Dense(1)",
        "1 linear mean_absolute_error",
        """
        import keras
        from keras import layers
        inputs = keras.Input(shape=(12, 2), name="history")
        x = layers.LSTM(8, return_sequences=True)(inputs)
        x = layers.LSTM(4)(x)
        outputs = layers.Dense(1)(x)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer=keras.optimizers.Adam(), loss=keras.losses.MeanAbsoluteError())
        """,
    ),
    "functional keywords": Snippet(
        "LSTM(8) Dense(4)",
        "4 softmax sparse_categorical_crossentropy",
        """
        from keras import Input, Model
        from keras.layers import LSTM, Dense
        seq = Input((6, 2))
        logits = Dense(4)(LSTM(8)(seq))
        from keras.activations import softmax
        model = Model(inputs=seq, outputs=softmax(logits))
        model.compile("adam", loss=["sparse_categorical_crossentropy"])
        """,
    ),
    "builder function": Snippet(
        "LSTM(16) Dropout Dense(1)",
        "1 tanh mean_squared_error",
        """
        import keras
        from keras import layers

        def build_model(shape, units=8, dropout=0.1, activation=None):
            model = keras.Sequential(name="net")
            model.add(keras.Input(shape))
            model.add(layers.LSTM(units))
            if dropout > 0:
                model.add(layers.Dropout(dropout))
            model.add(layers.Dense(1, activation=activation))
            return model

        model = build_model((9, 1), units=16, activation="tanh")
        model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="MSE")
        """,
    ),
    "main function": Snippet(
        "LSTM(3) Dense(1)",
        "1 linear huber",
        """
        import keras

        HIDDEN = 3

        def make():
            i = keras.layers.Input((4, 1))
            o = keras.layers.Dense(1)(keras.layers.LSTM(HIDDEN)(i))
            return keras.Model(i, o)

        def main():
            global model
            model = make()
            model.compile("adam", keras.losses.Huber(0.5))

        if __name__ == "__main__":
            main()
        """,
    ),
    "config dict": Snippet(
        "LSTM(5) LSTM(7) Dense(2)",
        "2 softmax categorical_crossentropy",
        """
        import keras
        from keras.layers import LSTM, Dense, Input
        cfg = {"units": [5, 7], "classes": 2, "optimizer": {"learning_rate": 1e-3}}
        cfg["act"] = "softmax"
        model = keras.Sequential([Input((8, 2))])
        for i, units in enumerate(cfg["units"]):
            last = i == len(cfg["units"]) - 1
            model.add(LSTM(units, return_sequences=not last))
        model.add(Dense(cfg["classes"], activation=cfg.get("act", "relu")))
        model.compile(keras.optimizers.Adam(**cfg["optimizer"]), "categorical_crossentropy")
        """,
    ),
    "keyword expansion": Snippet(
        "LSTM(6) Dense(1)",
        "1 sigmoid binary_crossentropy",
        """
        import keras
        common = dict(activation="tanh", return_sequences=False)
        net = keras.Sequential()
        net.add(keras.Input((3, 1)))
        net.add(keras.layers.LSTM(6, **common))
        net.add(keras.layers.Dense(1, **{"activation": "sigmoid"}))
        net.compile(loss=keras.losses.BinaryCrossentropy(), optimizer="adam")
        model = net
        """,
    ),
    "argparse": Snippet(
        "LSTM(12) Dense(1)",
        "1 linear mean_squared_error",
        """
        import argparse
        import keras
        parser = argparse.ArgumentParser()
        parser.add_argument("--units", type=int, default=12)
        parser.add_argument("-l", "--learning-rate", type=float, default=3e-4)
        parser.add_argument("--bidirectional", action="store_true")
        args = parser.parse_args([])
        layer = keras.layers.LSTM(args.units)
        if args.bidirectional:
            layer = keras.layers.Bidirectional(layer)
        model = keras.Sequential([keras.Input((5, 1)), layer, keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(args.learning_rate), loss="mse")
        """,
    ),
    "dataclass": Snippet(
        "GRU(10) Dense(1)",
        "1 linear log_cosh",
        """
        from dataclasses import dataclass, field
        import keras

        @dataclass
        class Config:
            units: int = 4
            layers: list = field(default_factory=list)
            loss: str = "log_cosh"

        config = Config(units=10)
        model = keras.Sequential(
            [keras.Input((5, 1)), keras.layers.GRU(config.units), keras.layers.Dense(1)]
        )
        model.compile(loss=config.loss)
        """,
    ),
    "config class": Snippet(
        "LSTM(4) Dense(6)",
        "6 linear sparse_categorical_crossentropy",
        """
        import keras
        class CFG:
            UNITS = 2 * 2
            N_CLASSES = len(["a", "b", "c"]) * 2
        model = keras.Sequential()
        model.add(keras.Input((None, 2)))
        model.add(keras.layers.LSTM(CFG.UNITS))
        model.add(keras.layers.Dense(CFG.N_CLASSES))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss)
        """,
    ),
    "subclass": Snippet(
        "LSTM(4) Dropout Dense(1)",
        "1 softmax binary_crossentropy",
        """
        import keras

        class Net(keras.Model):
            def __init__(self, hidden, **kwargs):
                super().__init__(**kwargs)
                self.head = keras.layers.Dense(1, activation="softmax")
                self.lstm = keras.layers.LSTM(hidden)
                self.drop = keras.layers.Dropout(0.1)

            def call(self, inputs, training=False):
                x = self.lstm(inputs)
                x = self.drop(x, training=training)
                return self.head(x)

        model = Net(4)
        model(keras.ops.zeros((1, 5, 2)))
        model.compile(optimizer="adam", loss="binary_crossentropy")
        """,
    ),
    "functional subclass": Snippet(
        "LSTM(4) Dense(2)",
        "2 softmax categorical_crossentropy",
        """
        import keras

        class Tagger(keras.Model):
            def __init__(self, classes):
                given = keras.Input((5, 2))
                hidden = keras.layers.LSTM(4)(given)
                super().__init__(given, keras.layers.Dense(classes, "softmax")(hidden))

        model = Tagger(2)
        model.compile("adam", "categorical_crossentropy")
        """,
    ),
    "sequential subclass": Snippet(
        "GRU(4) Dense(2)",
        "2 linear mean_squared_error",
        """
        import keras

        class Net(keras.Sequential):
            def __init__(self):
                super().__init__([keras.Input((5, 2)), keras.layers.GRU(4)])
                self.add(keras.layers.Dense(2))

        model = Net()
        model.compile("adam", "mse")
        """,
    ),
    "trainer class": Snippet(
        "LSTM(9) Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        from keras import layers

        class Forecaster:
            def __init__(self, n_units):
                self.n_units = n_units
                self.model = self._build()

            def _build(self):
                m = keras.Sequential([layers.Input((4, 1)), layers.LSTM(self.n_units)])
                m.add(layers.Dense(1))
                return m

            def train(self):
                self.model.compile("adam", "mean_squared_error")

        f = Forecaster(9)
        f.train()
        model = f.model
        """,
    ),
    "bidirectional and time distributed": Snippet(
        "Bidirectional LSTM(4) TimeDistributed Dense(5)",
        "5 softmax sparse_categorical_crossentropy",
        """
        from keras import Sequential, layers
        model = Sequential([
            layers.Input((6, 2)),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="sum"),
            layers.TimeDistributed(layers.Dense(5, activation="softmax")),
        ])
        model.compile("adam", "sparse_categorical_crossentropy")
        """,
    ),
    "list comprehension": Snippet(
        "LSTM(4) LSTM(4) LSTM(4) Dense(1)",
        "1 linear mean_squared_error",
        """
        from keras import Sequential, layers
        stack = [layers.LSTM(4, return_sequences=True) for _ in range(2)]
        model = Sequential([layers.Input((6, 2)), *stack, layers.LSTM(4), layers.Dense(1)])
        model.compile("adam", "mse")
        """,
    ),
    "loop over functional": Snippet(
        "LSTM(8) LSTM(4) LSTM(2) Dense(1)",
        "1 relu mean_squared_error",
        """
        import keras
        from keras import layers
        x = inputs = keras.Input((6, 2))
        sizes = (8, 4, 2)
        for size in sizes:
            x = layers.LSTM(size, return_sequences=size != sizes[-1])(x)
        y = layers.ReLU()(layers.Dense(1)(x))
        model = keras.Model(inputs, y)
        model.compile("adam", "mse")
        """,
    ),
    "attention": Snippet(
        "LSTM(4) Dense(1) Dense(1)",
        "1 sigmoid binary_crossentropy",
        """
        import keras
        from keras import layers, ops
        inp = keras.Input((6, 2))
        h = layers.LSTM(4, return_sequences=True)(inp)
        score = layers.Dense(1, activation="tanh")(h)
        weights = layers.Softmax(axis=1)(score)
        context = ops.sum(h * weights, axis=1)
        out = layers.Dense(1, activation="sigmoid")(context)
        model = keras.Model(inp, out)
        model.compile("adam", "binary_crossentropy")
        """,
    ),
    "encoder decoder": Snippet(
        "LSTM(4) RepeatVector LSTM(4) TimeDistributed Dense(2)",
        "2 linear mean_squared_error",
        """
        from keras.models import Sequential
        from keras.layers import LSTM, Dense, RepeatVector, TimeDistributed, Input
        timesteps, n_features = 6, 2
        model = Sequential()
        model.add(Input((timesteps, n_features)))
        model.add(LSTM(4, activation="relu"))
        model.add(RepeatVector(timesteps))
        model.add(LSTM(4, activation="relu", return_sequences=True))
        model.add(TimeDistributed(Dense(n_features)))
        model.compile(optimizer="adam", loss="mse")
        """,
    ),
    "states": Snippet(
        "Embedding LSTM(4) Embedding LSTM(4) Dense(30)",
        "30 softmax sparse_categorical_crossentropy",
        """
        import keras
        from keras.layers import LSTM, Dense, Embedding, Input
        enc_in = Input((None,))
        enc = Embedding(20, 3)(enc_in)
        _, h, c = LSTM(4, return_state=True)(enc)
        dec_in = Input((None,))
        dec = Embedding(30, 3)(dec_in)
        dec, _, _ = LSTM(4, return_sequences=True, return_state=True)(dec, initial_state=[h, c])
        out = Dense(30, activation="softmax")(dec)
        model = keras.Model([enc_in, dec_in], out)
        model.compile("rmsprop", "sparse_categorical_crossentropy")
        """,
    ),
    "last step": Snippet(
        "GRU(4) Dense(2)",
        "2 softmax categorical_crossentropy",
        """
        import keras
        from keras import layers as kl
        a = kl.Input((5, 2))
        b = kl.GRU(4, return_sequences=True)(a)
        c = kl.Dense(2, activation=keras.activations.softmax)(b[:, -1])
        model = keras.Model(inputs=[a], outputs=[c])
        model.compile("adam", loss=keras.losses.categorical_crossentropy)
        """,
    ),
    "cell": Snippet(
        "RNN LSTMCell(6) Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        model = keras.Sequential([
            keras.Input((5, 2)),
            keras.layers.RNN(keras.layers.LSTMCell(6)),
            keras.layers.Dense(1),
        ])
        model.compile("adam", "mse")
        """,
    ),
    "nested sequential": Snippet(
        "Sequential LSTM(4) Dense(3) Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        from keras import layers
        encoder = keras.Sequential([layers.LSTM(4), layers.Dense(3, activation="relu")])
        inputs = keras.Input((5, 2))
        model = keras.Model(inputs, layers.Dense(1)(encoder(inputs)))
        model.compile("adam", "mse")
        """,
    ),
    "partial and lambda": Snippet(
        "LSTM(3) LSTM(3) Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        from functools import partial
        Recurrent = partial(keras.layers.LSTM, 3)
        head = lambda n: keras.layers.Dense(n)
        layers = [keras.Input((5, 2)), Recurrent(return_sequences=True), Recurrent(), head(1)]
        model = keras.Sequential(layers)
        model.compile("adam", "mse")
        """,
    ),
    "ternary and walrus": Snippet(
        "LSTM(8) Dense(1)",
        "1 sigmoid binary_crossentropy",
        """
        import keras
        task = "binary"
        n = 1 if task == "binary" else 10
        if (units := 2 ** 3) > 4:
            cell = keras.layers.LSTM
        else:
            cell = keras.layers.GRU
        act = {"binary": "sigmoid", "multi": "softmax"}[task]
        model = keras.Sequential(
            [keras.Input((5, 2)), cell(units), keras.layers.Dense(n, activation=act)]
        )
        model.compile("adam", loss=task + "_crossentropy")
        """,
    ),
    "getattr and kinds": Snippet(
        "GRU(2) GRU(2) Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        kind = "GRU"
        Layer = getattr(keras.layers, kind)
        model = keras.Sequential()
        model.add(keras.Input((4, 1)))
        for k in range(2):
            model.add(Layer(2, return_sequences=(k == 0)))
        model.add(keras.layers.Dense(1))
        model.compile("adam", "mse")
        """,
    ),
    "custom layer": Snippet(
        "LSTM(4) Attend Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras

        class Attend(keras.layers.Layer):
            def call(self, x):
                return keras.ops.mean(x, axis=1)

        inp = keras.Input((4, 1))
        x = keras.layers.LSTM(4, return_sequences=True)(inp)
        out = keras.layers.Dense(1)(Attend()(x))
        model = keras.Model(inp, out)
        model.compile("adam", "mse")
        """,
    ),
    "custom loss": Snippet(
        "LSTM(4) Dense(1)",
        "1 linear weighted",
        """
        import keras
        from keras import ops

        def pinball(q):
            def weighted(y_true, y_pred):
                e = y_true - y_pred
                return ops.mean(ops.maximum(q * e, (q - 1) * e))
            return weighted

        model = keras.Sequential([keras.Input((4, 1)), keras.layers.LSTM(4)])
        model.add(keras.layers.Dense(1))
        model.compile("adam", loss=pinball(0.9))
        """,
    ),
    "residual": Snippet(
        "LSTM(2) LSTM(2) Add Dense(1)",
        "1 linear mean_squared_error",
        """
        import keras
        from keras import layers
        i = keras.Input((4, 2))
        a = layers.LSTM(2, return_sequences=True)(i)
        b = layers.LSTM(2, return_sequences=True)(a)
        s = layers.add([a, b])
        o = layers.Dense(1)(layers.Flatten()(s))
        model = keras.Model(i, o)
        model.compile("adam", "mse")
        """,
    ),
    "strategy scope": Snippet(
        "LSTM(2) Dense(1)",
        "1 linear mean_squared_error",
        """
        import contextlib
        import keras
        strategy = contextlib.nullcontext()
        with strategy, contextlib.suppress(ValueError):
            model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(2)])
            model.add(keras.layers.Dense(1, name="out"))
            model.compile("adam", {"out": "mse"})
        """,
    ),
    "lstm as output": Snippet(
        "LSTM(8) LSTM(1)",
        "1 tanh mean_squared_error",
        """
        import keras
        model = keras.Sequential()
        model.add(keras.Input((4, 2)))
        model.add(keras.layers.LSTM(8, return_sequences=True))
        model.add(keras.layers.LSTM(1))
        model.compile("adam", "mse")
        """,
    ),
    "match": Snippet(
        "LSTM(2) Dense(1)",
        "1 sigmoid None",
        """
        import os
        import keras
        model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(2)])
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        match os.sep:
            case "/":
                loss = "binary_crossentropy"
            case _:
                loss = "mse"
        model.compile("adam", loss)
        """,
    ),
    "try import": Snippet(
        "LSTM(2) Dense(1)",
        "1 linear mean_squared_error",
        """
        try:
            import keras
            from keras.layers import LSTM
        except ImportError:
            from tensorflow import keras
            from tensorflow.keras.layers import LSTM
        model = keras.Sequential([keras.Input((4, 2)), LSTM(2), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        """,
    ),
}

UNWRITTEN = {"Input", "InputLayer", "Activation", "ReLU", "Softmax", "Flatten"}
"""Kinds that the summaries leave out, as Keras names some of them differently."""


def described(layer: Call) -> str:
    units = layer.get("units").value
    return f"{layer.kind}({units})" if isinstance(units, int) else layer.kind


def layers_of(model: Model) -> str:
    shown = [described(layer) for layer in model.layers if layer.kind not in UNWRITTEN]
    return " ".join(shown)


def head_of(model: Model) -> str:
    (head,) = model.heads
    return f"{head.units} {head.activation} {head.loss and head.loss.name}"


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_reader_sees_what_is_written(name):
    snippet = SNIPPETS[name]
    (model,) = Script.parse(snippet.source).models
    assert layers_of(model) == snippet.layers
    assert head_of(model) == snippet.head


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"^( *)import keras$", r"\1from tensorflow import keras"),
        (r"^( *)import keras$", r"\1import tensorflow.keras as keras"),
        (r"^( *)import keras$", r"\1import tf_keras as keras"),
        (r"^( *)from keras", r"\1from tensorflow.keras"),
        (r"^( *)from keras", r"\1from tensorflow.python.keras"),
        (r"(?<![\w.] )(?<![\w.])keras\.(?=[a-zA-Z.]+\()", "tf.keras."),
    ],
)
@pytest.mark.parametrize("name", SNIPPETS)
def test_every_way_to_import_is_the_same(name, old, new):
    snippet = SNIPPETS[name]
    source = "import tensorflow as tf\n" + re.sub(old, new, snippet.source, flags=re.MULTILINE)
    (model,) = Script.parse(source).models
    assert layers_of(model) == snippet.layers
    assert head_of(model) == snippet.head


BUILD_ALL = """
import json, sys
import keras

UNWRITTEN = set(json.loads(sys.argv[2]))

def inside(layer):
    names = ["cell"] if type(layer) is keras.layers.RNN else ["forward_layer", "layer"]
    held = [getattr(layer, name) for name in names if hasattr(layer, name)][:1]
    held += [one for one in getattr(layer, "layers", []) if isinstance(layer, keras.Model)]
    for one in held:
        yield one
        yield from inside(one)

def described(layer):
    units = getattr(layer, "units", None)
    return f"{type(layer).__name__}({units})" if units else type(layer).__name__

def units_of(model):
    if hasattr(model, "outputs"):
        return model.outputs[0].shape[-1]
    return model(keras.ops.zeros((1, 5, 2))).shape[-1]

found = {}
for name, source in json.loads(sys.argv[1]).items():
    space = {"__name__": "__main__"}
    exec(compile(source, name, "exec"), space)
    model = space["model"]
    layers = []
    for layer in model.layers:
        for one in (layer, *inside(layer)):
            if isinstance(one, keras.layers.Layer):
                layers.append(described(one))
    kept = [one for one in layers if one.split("(")[0] not in UNWRITTEN]
    found[name] = {"layers": kept, "units": units_of(model)}
print("FOUND" + json.dumps(found))
"""


def test_keras_builds_the_same_layers():
    unwritten = json.dumps(sorted(UNWRITTEN))
    sources = json.dumps({name: snippet.source for name, snippet in SNIPPETS.items()})
    environment = {**os.environ, "KERAS_BACKEND": "numpy"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD_ALL, sources, unwritten],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    built = json.loads(done.stdout.partition("FOUND")[2])
    for name, snippet in SNIPPETS.items():
        # Keras lists functional models by depth and subclasses by creation.
        assert sorted(built[name]["layers"]) == sorted(snippet.layers.split()), name
        assert str(built[name]["units"]) == snippet.head.split()[0], name
