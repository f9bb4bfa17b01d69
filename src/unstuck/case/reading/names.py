"""One canonical path for every way in which people import a Keras name."""

from __future__ import annotations

import functools

from unstuck.case.reading.signatures import SIGNATURES

_ROOTS = (
    "tensorflow.python.keras",
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.keras",
    "tensorflow_core.keras",
    "keras.api",
    "keras.src",
    "tf_keras",
)
_SHORT = {"initializers", "losses", "metrics", "optimizers"}
"""Sections of Keras that TensorFlow also has without it: ``tf.losses`` is ``tf.keras.losses``."""
_FLAT = {
    *("layers", "models", "losses", "metrics", "callbacks", "initializers", "regularizers"),
    *("constraints", "activations", "optimizers", "utils"),
}
"""Sections whose submodules come and go between releases, so only the last name counts."""

_ALIASES = {
    "keras.models.Sequential": "keras.Sequential",
    "keras.models.Model": "keras.Model",
    "keras.engine.Model": "keras.Model",
    "keras.engine.training.Model": "keras.Model",
    "keras.layers.Input": "keras.Input",
    **{
        f"keras.layers.{kind.lower()}": f"keras.layers.{kind}"
        for kind in (
            *("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply"),
            "Subtract",
        )
    },
    "keras.engine.Input": "keras.Input",
    "keras.preprocessing.sequence.pad_sequences": "keras.utils.pad_sequences",
    "keras.preprocessing.timeseries_dataset_from_array": (
        "keras.utils.timeseries_dataset_from_array"
    ),
    "keras.preprocessing.timeseries.timeseries_dataset_from_array": (
        "keras.utils.timeseries_dataset_from_array"
    ),
}


@functools.lru_cache(maxsize=4096)
def canonical(path: str) -> str:
    """Returns the path as Keras 3 documents it, whatever the script imported it by.

    ``tensorflow.keras.layers.LSTM`` and ``keras.src.layers.rnn.lstm.LSTM`` are both
    ``keras.layers.LSTM``. Paths outside Keras come back as they are.
    """
    section = path.split(".")[1:2] if path.startswith("tensorflow.") else []
    if section and section[0] in _SHORT:
        path = "keras" + path[len("tensorflow") :]
    for root in _ROOTS:
        if path == root or path.startswith(root + "."):
            path = "keras" + path[len(root) :]
            break
    parts = path.split(".")
    if parts[0] == "keras" and len(parts) > 3 and parts[1] in _FLAT and parts[2] != "schedules":
        path = f"keras.{parts[1]}.{parts[-1]}"
    return _ALIASES.get(path, path)


def starred(module: str) -> tuple[str, ...]:
    """Returns the names that ``from module import *`` brings, as far as they matter here."""
    prefix = canonical(module) + "."
    names = {path[len(prefix) :] for path in SIGNATURES if path.startswith(prefix)}
    names |= {old[len(prefix) :] for old in _ALIASES if old.startswith(prefix)}
    return tuple(name for name in names if "." not in name)
