"""Short training scripts with a known fault, each as somebody would write it."""

from __future__ import annotations

import dataclasses
import textwrap

HEAD = """
import keras, numpy as np
from keras import layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(512, 12, 2)).astype("float32")
score = x[:, -4:, 0].sum(axis=1)
label = (score > 0).astype("float32")

def classifier(units=1, activation="sigmoid", **options):
    return keras.Sequential([
        keras.Input((12, 2)), layers.LSTM(12, **options),
        layers.Dense(units, activation=activation)])
"""

TOKENS = """
import keras, numpy as np
from keras import layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
label = rng.integers(0, 2, 512)
ids = np.zeros((512, 90), "int32")
for row, kind in zip(ids, label):
    length = rng.integers(5, 12)
    row[:length] = rng.integers(1, 20, length) + 20 * kind
"""


@dataclasses.dataclass(frozen=True)
class Script:
    """A script, what is wrong with it first (None: nothing), and where.

    Attributes:
        line: A piece of the guilty line; "" where the data alone are guilty.
        fails: Backends on which the script ends with an exception of its own.
    """

    name: str
    cause: str | None
    body: str
    line: str = ""
    head: str = HEAD
    fails: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.head + textwrap.dedent(self.body)

    @property
    def number(self) -> int | None:
        lines = self.text.splitlines()
        return next((i for i, line in enumerate(lines, 1) if self.line and self.line in line), None)


SCRIPTS = [
    Script(
        "healthy-classifier",
        None,
        """
        model = classifier()
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, label, epochs=15, verbose=0, validation_split=0.2)
    """,
    ),
    Script(
        "healthy-regression",
        None,
        """
        model = classifier(activation=None)
        model.compile(keras.optimizers.Adam(0.005), "mse", metrics=["mae"])
        model.fit(x, score, epochs=15, verbose=0, validation_split=0.2)
    """,
    ),
    Script(
        "healthy-logits",
        None,
        """
        model = classifier(activation=None)
        model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        model.fit(x, label, epochs=15, verbose=0)
    """,
    ),
    Script(
        "healthy-masked",
        None,
        """
        model = keras.Sequential([layers.Embedding(40, 8, mask_zero=True), layers.LSTM(8),
                                  layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(ids, label, epochs=8, verbose=0)
    """,
        head=TOKENS,
    ),
    Script(
        "softmax-on-one-unit",
        "output_softmax_single_unit",
        """
        model = classifier(activation="softmax")
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, label, epochs=3, verbose=0)
    """,
    ),
    Script(
        "sigmoid-for-signed-targets",
        "output_activation_range_mismatch",
        """
        model = classifier(activation="sigmoid")
        model.compile("adam", "mse")
        model.fit(x, score, epochs=10, verbose=0)
    """,
    ),
    Script(
        "categorical-on-one-unit",
        "loss_task_mismatch",
        """
        model = classifier()
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, label[:, None], epochs=3, verbose=0)
    """,
        line="model.compile",
    ),
    Script(
        "logits-without-saying-so",
        "logits_probability_mismatch",
        """
        model = classifier(units=3, activation=None)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, np.digitize(score, [-1, 1]), epochs=4, verbose=0)
    """,
    ),
    Script(
        "many-targets-one-output",
        "target_shape_broadcast",
        """
        model = classifier(activation=None)
        model.compile("adam", "mse")
        model.fit(x, np.repeat(score[:, None], 5, axis=1)[..., None], epochs=3, verbose=0)
    """,
        fails=("torch",),
    ),
    Script(
        "sequence-where-one-is-meant",
        "return_sequences_wrong",
        """
        model = classifier(activation=None, return_sequences=True)
        model.compile("adam", "mse")
        model.fit(x, score[:, None, None], epochs=3, verbose=0)
    """,
        fails=("torch",),
    ),
    Script(
        "logarithm-of-a-negative",
        "custom_loss_numerics",
        """
        def relative(y_true, y_pred):
            return keras.ops.mean(keras.ops.square(keras.ops.log(y_pred) - keras.ops.log(y_true)))

        model = classifier(activation=None)
        model.compile("adam", relative)
        model.fit(x, np.exp(score / 4), epochs=2, verbose=0)
    """,
    ),
    Script(
        "rounding-in-the-loss",
        "custom_loss_non_differentiable",
        """
        def misses(y_true, y_pred):
            return keras.ops.mean(keras.ops.abs(y_true - keras.ops.round(y_pred)))

        model = classifier()
        model.compile("adam", misses)
        model.fit(x, label[:, None], epochs=2, verbose=0)
    """,
    ),
    Script(
        "accuracy-of-a-regression",
        "metric_mismatch",
        """
        model = classifier(activation=None)
        model.compile(keras.optimizers.Adam(0.005), "mse", metrics=["accuracy"])
        model.fit(x, score, epochs=15, verbose=0)
    """,
    ),
    Script(
        "nan-in-the-data",
        "nonfinite_input",
        """
        x[400, 3, 1] = np.nan
        model = classifier()
        model.compile("adam", "binary_crossentropy")
        model.fit(x, label, epochs=2, verbose=0)
    """,
    ),
    Script(
        "raw-inputs",
        "no_input_scaling",
        """
        model = classifier()
        model.compile("adam", "binary_crossentropy")
        model.fit(1013 + 40 * x, label, epochs=8, verbose=0)
    """,
    ),
    Script(
        "raw-targets",
        "no_target_scaling",
        """
        model = classifier(activation=None)
        model.compile("adam", "mse")
        model.fit(x, 52000 + 900 * score, epochs=8, verbose=0)
    """,
    ),
    Script(
        "rare-class",
        "class_imbalance",
        """
        rare = (score > np.quantile(score, 0.96)).astype("float32")
        flipped = rng.random(512) < 0.02
        model = classifier()
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, np.where(flipped, 1 - rare, rare), epochs=10, verbose=0)
    """,
    ),
    Script(
        "labels-from-minus-one",
        "label_encoding_error",
        """
        model = classifier()
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, 2 * label - 1, epochs=4, verbose=0)
    """,
        fails=("torch",),
    ),
    Script(
        "padding-behind",
        "padding_not_masked",
        """
        model = keras.Sequential([layers.Embedding(40, 8), layers.LSTM(8),
                                  layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(ids, label, epochs=8, verbose=0)
    """,
        head=TOKENS,
    ),
    Script(
        "ids-beyond-the-vocabulary",
        "embedding_index_out_of_range",
        """
        model = keras.Sequential([layers.Embedding(30, 8, mask_zero=True), layers.LSTM(8),
                                  layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(ids, label, epochs=3, verbose=0)
    """,
        line="layers.Embedding",
        head=TOKENS,
        fails=("tensorflow", "torch"),
    ),
    Script(
        "one-step",
        "no_history_single_timestep",
        """
        series = np.sin(np.arange(700) / 3) + 0.1 * rng.normal(size=700)
        now, then = series[:-5].reshape(-1, 1, 1), series[5:]
        model = keras.Sequential([keras.Input((1, 1)), layers.LSTM(8), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.01), "mse")
        model.fit(now, then, epochs=15, verbose=0)
    """,
    ),
    Script(
        "giant-steps",
        "lr_too_high",
        """
        model = classifier()
        model.compile(keras.optimizers.Adam(learning_rate=1.0), "binary_crossentropy")
        model.fit(x, label, epochs=8, verbose=0)
    """,
        line="Adam(learning_rate=1.0)",
    ),
    Script(
        "dwarf-steps",
        "lr_too_low",
        """
        model = classifier()
        model.compile(keras.optimizers.Adam(learning_rate=1e-6), "binary_crossentropy")
        model.fit(x, label, epochs=15, verbose=0)
    """,
        line="Adam(learning_rate=1e-6)",
    ),
    Script(
        "hardly-any-updates",
        "too_few_updates",
        """
        model = classifier()
        model.compile("adam", "binary_crossentropy")
        model.fit(x, label, epochs=2, batch_size=128, verbose=0)
    """,
        line="model.fit",
    ),
    Script(
        "adadelta",
        "optimizer_step_too_small",
        """
        model = classifier()
        model.compile("adadelta", "binary_crossentropy")
        model.fit(x, label, epochs=15, verbose=0)
    """,
        line="model.compile",
    ),
    Script(
        "growing-recurrence",
        "exploding_gradients",
        """
        grow = keras.initializers.Orthogonal(gain=3.0)
        model = keras.Sequential([keras.Input((12, 2)),
            layers.SimpleRNN(12, activation="linear", recurrent_initializer=grow), layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.01), "mse")
        model.fit(x, score, epochs=3, verbose=0)
    """,
    ),
    Script(
        "learned-by-heart",
        "overfitting",
        """
        noisy = score + 4 * rng.normal(size=512)
        model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(48), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.01), "mse")
        model.fit(x[:96], noisy[:96], epochs=60, verbose=0, validation_data=(x[96:], noisy[96:]))
    """,
    ),
]
