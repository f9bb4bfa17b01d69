"""What to say of a script in which no ``fit`` was seen."""

from __future__ import annotations

import importlib.util
import re
import traceback

from unstuck.commands.command import FAILURE, SUCCESS
from unstuck.commands.script import Outcome, Script
from unstuck.observe.watch import OLDEST_KERAS, Watch

BACKENDS = ("jax", "tensorflow", "torch")
_OWN_LOOP = re.compile(
    r"\b(GradientTape|apply_gradients|stateless_apply|value_and_grad|backward)\("
)
"""Calls that a training loop written by hand can't do without, on one backend or another."""
_WATCHED = (
    "unstuck watches every call of keras.Model.fit in the process of the script; "
    "processes that it starts are not watched."
)


class Silence:
    """Why nothing was watched.

    Attributes:
        message: For the user, with what to try.
        code: The exit code of a script that ended well: 2 if its Keras can't be watched.
    """

    def __init__(self, watch: Watch, script: Script, outcome: Outcome) -> None:
        self.code = FAILURE if watch.legacy or not watch.supported else SUCCESS
        self.message = " ".join(part for part in _parts(watch, script, outcome) if part)


def _parts(watch: Watch, script: Script, outcome: Outcome) -> list[str]:
    before = "training began in fit" if watch.fits else "it called fit"
    if outcome.exception is not None:
        kind = type(outcome.exception).__name__
        return [
            f"The script ended with {kind} before {before}, so there is no training to judge.",
            _missing_backend(outcome.exception),
        ]
    if watch.fits:
        return ["The script called fit, but no training could be recorded."]
    return [
        "The script never called fit, so there is no training to judge.",
        _other_keras(watch) or _other_training(watch, script.path),
        _WATCHED,
    ]


def _missing_backend(exception: BaseException) -> str:
    """Explains an import that failed inside Keras for want of its backend."""
    name = getattr(exception, "name", None)
    if not isinstance(exception, ImportError) or name not in BACKENDS:
        return ""
    frames = [frame for frame, _ in traceback.walk_tb(exception.__traceback__)]
    if not any(str(frame.f_globals.get("__name__")).startswith("keras") for frame in frames):
        return ""
    installed = [one for one in BACKENDS if one != name and importlib.util.find_spec(one)]
    other = f", or choose one that is: KERAS_BACKEND={installed[0]}" if installed else ""
    return (
        f"Keras was asked for its {name} backend, which is not installed. "
        f"Install it: pip install 'unstuck[{name}]'{other}."
    )


def _other_keras(watch: Watch) -> str:
    oldest = ".".join(map(str, OLDEST_KERAS))
    if not watch.supported:
        return (
            f"It imported Keras {watch.keras}, but unstuck needs Keras {oldest} or newer: "
            f"pip install 'keras>={oldest}'."
        )
    if watch.legacy:
        return (
            f"It imported tf_keras, which is Keras 2, but unstuck needs Keras {oldest} or newer: "
            "unset TF_USE_LEGACY_KERAS, or import keras in place of tf_keras."
        )
    return "" if watch.keras else "It did not import Keras."


def _other_training(watch: Watch, path: str | None) -> str:
    if watch.batches:
        return (
            f"It called train_on_batch {watch.batches} times, which is not watched: "
            "pass the batches to fit as a generator or a PyDataset."
        )
    if path is not None and watch.keras:
        with open(path, "rb") as file:
            loop = _OWN_LOOP.search(file.read().decode("utf-8", "replace"))
        if loop:
            return (
                f"It seems to train in a loop of its own ({loop[1]}), which is not watched: "
                "put the loop's body into the train_step of a keras.Model and call fit."
            )
    return ""
