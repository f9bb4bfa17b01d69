"""Runs a model on a batch with its recurrent loops opened, and once more as it is, to compare."""

from __future__ import annotations

import contextlib
import dataclasses
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from unstuck import backends
from unstuck.backends.patch import replaced
from unstuck.errors import UnstuckError
from unstuck.observe.xray.opening import Opened, Opening, Tap
from unstuck.observe.xray.sites import recurrent_layers, variables

Array = npt.NDArray[Any]

HALF_SCALE = 2.0**12
"""Times the loss of a model that computes in float16, so that gradients of 1e-8 don't underflow
there; what it gives is divided again."""


WEIGHTS = ("kernel", "recurrent_kernel", "bias")
"""Names under which Keras's cells hold their weights."""


class XRayError(UnstuckError):
    """A model or a batch that can't be looked into."""


@dataclasses.dataclass
class Pass:
    """One opened pass: what was opened and recorded, and the gradients at the taps.

    Attributes:
        calls: The opened calls of cells, in the order of the data.
        records: One dict a call, see ``opening.Opening``.
        gradients: By tap, "0/z", "0/c", "0/h", "0/x" for the first call and so on.
        reach: By call, gradient of a random projection of its last state at each of its states.
        weights: By call, "kernel", "recurrent_kernel" and "bias" with which it was run; None
            where the cell has no such weight.
        loss: The loss of the batch.
        left_out: Ids of layers some of whose calls were not opened.
    """

    calls: list[Opened]
    records: list[dict[str, Array]]
    gradients: dict[str, Array]
    reach: list[Array | None]
    weights: list[dict[str, Array | None]]
    loss: float
    left_out: set[int]


@dataclasses.dataclass
class OwnPass:
    """A pass of the model as it is.

    Attributes:
        outputs: By path of call, the layer's "last" output and, if it returns them, all.
        gradients: By id of a cell, gradients of its weights by name.
    """

    outputs: dict[str, dict[str, Array]]
    gradients: dict[int, dict[str, Array]]
    loss: float


class Replay:
    """A model's recurrent loops, opened and compiled once for batches of one shape.

    Nothing of the model is moved: variables, carried states and random seeds are read, and what
    a pass would have written is dropped.

    Args:
        model: A built model with a loss.
        training: Whether passes are in training mode, with dropout and batch statistics.

    Raises:
        XRayError: If the model has no recurrent layer, isn't built or has no loss.
    """

    def __init__(self, model: Any, training: bool = True) -> None:
        self.layers = recurrent_layers(model)
        _verify(model, self.layers)
        self.training = training
        self._model = weakref.ref(model)
        self._made_for = _circumstances(model)
        self.variables = variables(model)
        self._weights = _weights(self.layers, self.variables)
        half = any(layer.compute_dtype == "float16" for layer in model._flatten_layers())
        self._scale = HALF_SCALE if half else 1.0
        backend = backends.current()
        self._calls: list[Opened] = []
        self._left_out: set[int] = set()
        self._opened = backend.Differentiated(self._open)
        self._own = backend.Differentiated(self._leave)

    def fits(self, model: Any) -> bool:
        """Whether it was made for a model as it is now."""
        return self._model() is model and self._made_for == _circumstances(model)

    def values(self) -> list[Array]:
        """Returns the values of all variables that a pass depends on."""
        return backends.settled_values(self._model(), self.variables)

    def open(self, values: list[Array], x: Any, y: Any, weights: Any) -> Pass:
        """Runs an opened pass; ``values`` belong to ``variables``, the rest is one batch."""
        with _quiet_bidirectional(self._model()):
            objectives, records, gradients = self._opened(values, x, y, weights)
        reach = [gradients.get(f"reach/{at}", {}) for at in range(len(self._calls))]
        return Pass(
            calls=list(self._calls),
            records=records,
            gradients={name: self._unscaled(value) for name, value in gradients["loss"].items()},
            reach=[next(iter(found.values()), None) for found in reach],
            weights=[self._weights_of(call, values) for call in self._calls],
            loss=float(objectives["loss"]) / self._scale,
            left_out=set(self._left_out),
        )

    def _unscaled(self, slope: Array) -> Array:
        return slope if self._scale == 1 else slope / np.float32(self._scale)

    def _weights_of(self, call: Opened, values: list[Array]) -> dict[str, Array | None]:
        cell = id(call.part.cell)
        places = {name: self._weights.get((cell, name)) for name in WEIGHTS}
        return {name: None if at is None else values[at] for name, at in places.items()}

    def leave(self, values: list[Array], x: Any, y: Any, weights: Any) -> OwnPass:
        """Runs a pass of the model as it is."""
        return self.leaving(values, x, y, weights)()

    def leaving(self, values: list[Array], x: Any, y: Any, weights: Any) -> Callable[[], OwnPass]:
        """Begins such a pass, which goes on beside Python where the backend can do that."""
        with _quiet_bidirectional(self._model()):
            running = self._own.begin(values, x, y, weights)

        def left() -> OwnPass:
            with _quiet_bidirectional(self._model()):
                return self._own_pass(*running())

        return left

    def _own_pass(self, objectives: Any, outputs: Any, gradients: Any) -> OwnPass:
        found: dict[int, dict[str, Array]] = {}
        for (cell, name), position in self._weights.items():
            slope = gradients["loss"][str(position)]
            found.setdefault(cell, {})[name] = self._unscaled(slope)
        return OwnPass(outputs, found, float(objectives["loss"]) / self._scale)

    def _open(self, tap: Tap, values: Any, x: Any, y: Any, weights: Any) -> Any:
        opening = Opening(tap, self.training)
        with opening.within(self.layers):
            loss = self._loss(values, x, y, weights)
        self._calls, self._left_out = opening.calls, opening.left_out
        objectives: dict[str, Any] = {"loss": (loss, None)}
        for at, end in enumerate(opening.ends):
            # The carried state is the last that a cell returns: c of an LSTM, h of the others.
            place = "c" if "c" in opening.records[at] else "h"
            objectives[f"reach/{at}"] = (_projection(end), [f"{at}/{place}"])
        return objectives, opening.records

    def _leave(self, tap: Tap, values: Any, x: Any, y: Any, weights: Any) -> Any:
        seen: dict[str, dict[str, Any]] = {}
        values = list(values)
        for position in self._weights.values():
            values[position] = tap(str(position), ops.convert_to_tensor(values[position]))
        with contextlib.ExitStack() as stack:
            for path, layer in self.layers.items():
                loop = _overheard(layer, path, seen)
                stack.enter_context(replaced(layer, inner_loop=loop))
            loss = self._loss(values, x, y, weights)
        return {"loss": (loss, None)}, seen

    def _loss(self, values: Any, x: Any, y: Any, weights: Any) -> Any:
        model = self._model()
        assert model is not None
        mapping = list(zip(self.variables, values, strict=True))
        mode = {"training": self.training} if model._call_has_training_arg else {}
        with keras.StatelessScope(state_mapping=mapping, initialize_variables=False):
            outputs = model(x, **mode)
            loss = model._compute_loss(
                x=x, y=y, y_pred=outputs, sample_weight=weights, training=self.training
            )
        return ops.cast(loss, "float32") * self._scale


def _overheard(layer: Any, path: str, seen: dict[str, dict[str, Any]]) -> Any:
    own, count = layer.inner_loop, 0

    def inner_loop(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        last, outputs, states = own(*args, **kwargs)
        count += 1
        found = {"last": last} | ({"output": outputs} if layer.return_sequences else {})
        seen[path if count == 1 else f"{path}#{count}"] = found
        return last, outputs, states

    return inner_loop


def _projection(state: Any) -> Any:
    """Returns the sum of a state's entries with random signs, the same ones at every pass."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=tuple(state.shape))
    return ops.sum(ops.cast(state, "float32") * ops.convert_to_tensor(signs.astype("float32")))


def _verify(model: Any, layers: dict[str, Any]) -> None:
    if not layers:
        raise XRayError(
            "Expected a model with a recurrent layer (LSTM, GRU, SimpleRNN, RNN, ConvLSTM). "
            f"Received: {model.name!r}, which has none."
        )
    if not model.built or not all(layer.built for layer in layers.values()):
        raise XRayError(
            f"Expected a built model. Received: {model.name!r}, whose weights don't exist yet. "
            "Call it on a batch, or give it an Input layer, first."
        )
    own = type(model).compute_loss is not keras.Model.compute_loss
    if getattr(model, "_compile_loss", None) is None and not own:
        raise XRayError(
            f"Expected a model that was compiled with a loss. Received: {model.name!r}. "
            "Call model.compile(optimizer, loss) first."
        )


def _circumstances(model: Any) -> tuple[object, ...]:
    """What a compiled pass depends on beside the values of variables."""
    trainable = tuple(id(variable) for variable in model.variables)
    return (id(model), id(getattr(model, "_compile_loss", None)), trainable)


def _weights(layers: dict[str, Any], variables: list[Any]) -> dict[tuple[int, str], int]:
    """Returns the position of each weight of each cell among the variables."""
    places = {id(variable): position for position, variable in enumerate(variables)}
    found = {}
    for layer in layers.values():
        for cell in getattr(layer.cell, "cells", [layer.cell]):
            for name in WEIGHTS:
                weight = getattr(cell, name, None)
                if id(weight) in places:
                    found[id(cell), name] = places[id(weight)]
    return found


@contextlib.contextmanager
def _quiet_bidirectional(model: Any) -> Iterator[None]:
    """Lets both sides of a Bidirectional run on their own: a fused path would pass them by."""
    with contextlib.ExitStack() as stack:
        for layer in model._flatten_layers():
            if isinstance(layer, keras.layers.Bidirectional):
                never = {
                    name: lambda *args, **kwargs: False
                    for name in ("_can_attempt_fused_lstm", "_can_attempt_fused_gru")
                }
                stack.enter_context(replaced(layer, **never))
        yield
