"""The call of ``fit`` that is running: what it was given, found without wrapping it.

A callback sees the model but not the data. The frame of ``fit`` holds them, on every
backend under the same names, once ``validation_split`` has been taken off.
"""

from __future__ import annotations

import dataclasses
import sys
from types import FrameType
from typing import Any

from unstuck.case.facts import FitFacts, Place

_VALIDATION_DATA = 8
"""Position of ``validation_data`` among the arguments of ``fit``, ``self`` being 0."""

_KERAS_CALLBACKS = frozenset({"History", "ProgbarLogger"})
"""Callbacks that ``fit`` adds itself."""

SOURCES = {
    "ArrayDataAdapter": "arrays",
    "TFDatasetAdapter": "tf.data",
    "TorchDataLoaderAdapter": "torch.DataLoader",
    "PyDatasetAdapter": "PyDataset",
    "GeneratorDataAdapter": "generator",
    "GrainDatasetAdapter": "grain",
}
"""Kinds of data by the class of Keras's data adapter."""


@dataclasses.dataclass(frozen=True, eq=False)
class FitArguments:
    """What a running ``fit`` was given; nothing is copied.

    Attributes:
        x: Inputs; for arrays the training part, after ``validation_split``.
        y: Targets, None for streams.
        validation_data: As given, or the part that ``validation_split`` took off.
        validation: "none", "data" or "split".
        batch_size: Of the batches that are really made; None where it is unknown.
        steps_per_epoch: As given to ``fit``.
        callbacks: The user's callbacks.
        epoch_iterator: Keras's iterator over the batches of an epoch.
        batches: Number of batches an epoch, None for streams of unknown length.
        source: Kind of the data, see ``FitFacts``.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    validation_data: Any = None
    validation: str = "none"
    class_weight: Any = None
    batch_size: int | None = None
    epochs: int = 1
    initial_epoch: int = 0
    shuffle: Any = None
    steps_per_epoch: int | None = None
    callbacks: tuple[Any, ...] = ()
    epoch_iterator: Any = None
    batches: int | None = None
    source: str = "arrays"

    @property
    def streamed(self) -> bool:
        """Whether the data can be seen only as ``fit`` consumes them."""
        return self.source != "arrays"


def fit_arguments(model: Any, method: str = "fit") -> FitArguments | None:
    """Finds the ``fit`` of a model that is running further up the stack.

    Args:
        model: The ``keras.Model`` whose ``fit`` has called us, through a callback.
        method: "evaluate" finds the evaluation that is running instead, inside ``fit`` or not.

    Returns:
        Its arguments, or None if no such call is running.
    """
    frame = _running_frame(model, method)
    if frame is None:
        return None
    held = frame.f_locals
    iterator = held["epoch_iterator"]
    adapter = getattr(iterator, "data_adapter", None)
    source = SOURCES.get(type(adapter).__name__, type(adapter).__name__)
    initial = getattr(model, "_initial_epoch", None) or held.get("initial_epoch", 0)
    return FitArguments(
        x=held.get("x"),
        y=held.get("y"),
        sample_weight=held.get("sample_weight"),
        validation_data=held.get("validation_data"),
        validation=_validation(frame),
        class_weight=held.get("class_weight"),
        batch_size=_whole(getattr(adapter, "batch_size", None)) or _whole(held.get("batch_size")),
        epochs=int(held.get("epochs", 1)),
        initial_epoch=int(initial),
        shuffle=held.get("shuffle"),
        steps_per_epoch=_whole(held.get("steps_per_epoch")),
        callbacks=_callbacks(held.get("callbacks")),
        epoch_iterator=iterator,
        batches=_whole(getattr(iterator, "num_batches", None)),
        source=source,
    )


def _running_frame(model: Any, method: str) -> FrameType | None:
    """Returns the frame of Keras's ``fit`` or ``evaluate`` of a model, None if none is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == method:
            held = frame.f_locals
            if held.get("self") is model and "epoch_iterator" in held:
                return frame
        frame = frame.f_back
    return None


def fit_facts(arguments: FitArguments, place: Place | None = None) -> FitFacts:
    """Describes a call of ``fit``; ``steps_per_epoch`` is the number of batches it will make."""
    arrays = not arguments.streamed
    weights = arguments.class_weight
    return FitFacts(
        epochs=arguments.epochs,
        initial_epoch=arguments.initial_epoch,
        batch_size=arguments.batch_size,
        steps_per_epoch=arguments.batches or arguments.steps_per_epoch,
        samples=_samples(arguments),
        source=arguments.source,
        shuffle=bool(arguments.shuffle) if arrays or arguments.source == "PyDataset" else None,
        validation=arguments.validation,
        class_weight=None if not weights else {str(k): float(v) for k, v in weights.items()},
        sample_weight=arguments.sample_weight is not None,
        callbacks=tuple(type(callback).__name__ for callback in arguments.callbacks),
        place=place,
    )


def _validation(frame: FrameType) -> str:
    held = frame.f_locals
    if held.get("validation_data") is None:
        return "none"
    if not held.get("validation_split"):
        return "data"
    # Keras ignores the split where data are given as well; only the call of fit tells which.
    outer = frame.f_back.f_locals if frame.f_back is not None else {}
    positional, named = outer.get("args", ()), outer.get("kwargs", {})
    given = isinstance(named, dict) and named.get("validation_data") is not None
    placed = isinstance(positional, tuple) and len(positional) > _VALIDATION_DATA
    return "data" if given or (placed and positional[_VALIDATION_DATA] is not None) else "split"


def _callbacks(held: Any) -> tuple[Any, ...]:
    listed = getattr(held, "callbacks", held) or ()
    listed = listed if isinstance(listed, list | tuple) else (listed,)
    return tuple(
        callback
        for callback in listed
        if type(callback).__name__ not in _KERAS_CALLBACKS
        and not type(callback).__module__.startswith("unstuck.")
    )


def _samples(arguments: FitArguments) -> int | None:
    adapter = getattr(arguments.epoch_iterator, "data_adapter", None)
    if not arguments.streamed:
        return _whole(getattr(adapter, "_num_samples", None))
    dataset: Any = getattr(getattr(adapter, "_dataloader", None), "dataset", None)
    return len(dataset) if hasattr(dataset, "__len__") else None


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)
