"""Recurrent layers with their loops opened: the same numbers, and taps and records inside."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from unstuck import backends
from unstuck.backends.patch import replaced
from unstuck.observe.xray.cells import Moment, Record, Recurrence, recurrences

Tensor = Any
Tap = Callable[[str, Tensor], Tensor]

MOST_CALLS = 4
"""Calls of one layer that are opened: a layer under TimeDistributed is called once a step, and
the first calls show what happens in all of them."""


@dataclasses.dataclass
class Opened:
    """One call of one cell that was opened.

    Attributes:
        path: Path of the layer in the model, "#2" and so on behind it for later calls, and the
            cell's place in a stack of cells.
        call: The same without the place.
        layer: The recurrent layer.
        part: The recurrence; a stack of cells has several.
        width: Size of the state, spatial axes and all.
    """

    path: str
    call: str
    layer: Any
    part: Recurrence
    width: int


class Opening:
    """The opened calls of one pass through a model.

    Args:
        tap: Marks a place whose gradient is wanted, by name.
        training: Whether the pass is in training mode.

    Attributes:
        calls: What was opened, in the order of the pass.
        records: One dict a call: "x", "mask", "gates", "c", "h" of shape (steps, batch, …) in
            the order of processing; the states "initial"; dropout masks by gate, "x_masks" and
            "h_masks"; and the layer's "output" and "last" as it handed them on.
        ends: The carried state after the last step, by call.
        left_out: Layers some of whose calls were not opened.
    """

    def __init__(self, tap: Tap, training: bool) -> None:
        self.calls: list[Opened] = []
        self.records: list[Record] = []
        self.ends: list[Tensor] = []
        self.left_out: set[int] = set()
        self._tap = tap
        self._training = training
        self._counts: dict[int, int] = {}

    @contextlib.contextmanager
    def within(self, layers: dict[str, Any]) -> Iterator[None]:
        """Opens some recurrent layers, given by path, for as long as the context lasts."""
        with contextlib.ExitStack() as stack:
            for path, layer in layers.items():
                stack.enter_context(replaced(layer, inner_loop=self._loop_of(path, layer)))
            yield

    def _loop_of(self, path: str, layer: Any) -> Callable[..., Any]:
        own = layer.inner_loop

        def inner_loop(
            sequences: Tensor, initial_state: Any, mask: Any = None, training: bool = False
        ) -> Any:
            count = self._counts[id(layer)] = self._counts.get(id(layer), 0) + 1
            if count > MOST_CALLS:
                self.left_out.add(id(layer))
                return own(sequences, initial_state, mask, training=training)
            name = path if count == 1 else f"{path}#{count}"
            mask = mask[0] if isinstance(mask, list | tuple) else mask
            return self._run(name, layer, sequences, initial_state, mask)

        return inner_loop

    def _run(self, path: str, layer: Any, sequences: Tensor, initial: Any, mask: Any) -> Any:
        parts = recurrences(layer.cell, self._training)
        before = states = _nested(initial, len(parts))
        number = len(self.calls)
        if layer.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        inputs = parts[0].drive(self._tap(f"{number}/x", _time_first(sequences)))
        if parts[0].driven:
            # z = x.W + b + h.U, so the gradient at x.W + b is the gradient at z.
            inputs = self._tap(f"{number}/z", inputs)
        queue = {"x": inputs}
        if mask is not None:
            queue["m"] = _mask_like(mask, sequences)
        queue |= self._taps(number, parts, states, sequences)
        opaque = not parts[-1].gates
        carry = (states, ops.zeros_like(states[-1][0])) if opaque else (states,)
        (states, *_), records = backends.current().loop(
            _stepper(parts, number, opaque), carry, queue
        )
        for at, part in enumerate(parts):
            name = path if len(parts) == 1 else f"{path}/cell_{at}"
            width = int(np.prod(states[at][0].shape[1:]))
            self.calls.append(Opened(name, path, layer, part, width))
            self.ends.append(states[at][-1])
            record = {"initial": before[at], **part.dropped(), **records["parts"][at]}
            record |= {} if mask is None else {"mask": queue["m"]}
            self.records.append(record | ({"x": _time_first(sequences)} if at == 0 else {}))
        outputs = records["output"] if opaque else records["parts"][-1]["h"]
        return self._handed_on(layer, _batch_first(outputs), mask, states, initial)

    def _taps(
        self, number: int, parts: list[Recurrence], states: Any, sequences: Tensor
    ) -> dict[str, Tensor]:
        """Returns the zeros of every step by place, shape (steps, batch, …)."""
        steps, found = sequences.shape[1], {}
        for at, part in enumerate(parts):
            shape = [steps, *states[at][0].shape]
            for place, width in part.places(shape[part.channels]).items():
                if place == "z" and part.driven and not at:
                    continue
                full = list(shape)
                full[part.channels if part.channels < 0 else part.channels + 1] = width
                zeros = ops.zeros(full, dtype=states[at][0].dtype)
                found[f"{number + at}/{place}"] = self._tap(f"{number + at}/{place}", zeros)
            if at:
                zeros = ops.zeros([steps, *states[at - 1][0].shape], dtype=states[at][0].dtype)
                found[f"{number + at}/x"] = self._tap(f"{number + at}/x", zeros)
        return found

    def _handed_on(
        self, layer: Any, outputs: Tensor, mask: Any, states: list[list[Tensor]], initial: Any
    ) -> tuple[Tensor, Tensor, Any]:
        """Returns what the layer's own loop would: last output, all outputs, states."""
        if mask is not None:
            outputs = _masked_outputs(layer, outputs, mask)
        last = outputs[:, -1]
        for record in self.records[-len(states) :]:
            record |= {"last": last} | ({"output": outputs} if layer.return_sequences else {})
        flat = [state for part in states for state in part]
        structure = list(initial) if isinstance(initial, list | tuple) else [initial]
        return last, outputs, keras.tree.pack_sequence_as(structure, flat)


def _stepper(parts: list[Recurrence], number: int, opaque: bool) -> Callable[[Any, Any], Any]:
    """Returns the step of a loop; it carries all states.

    Args:
        opaque: Whether the last cell's output may be another than its state; it is carried then.
    """

    def step(carry: Any, now: dict[str, Tensor]) -> Any:
        states, mask, value, new, found = carry[0], now.get("m"), now["x"], [], []
        for at, part in enumerate(parts):
            names = {place: f"{number + at}/{place}" for place in part.places(1)}
            taps = {place: now[name] for place, name in names.items() if name in now}
            extra = {}
            if at:
                value = value + now[f"{number + at}/x"]
                extra["x"] = value
                value = part.drive(value)
            value, carried, record = part.step(value, states[at], Moment(mask, taps))
            new.append(carried)
            # Only the hidden state is handed on. To the rest TensorFlow would carry back zeros.
            found.append(
                {k: v if k == "h" else ops.stop_gradient(v) for k, v in (record | extra).items()}
            )
        if not opaque:
            return (new,), {"parts": found}
        if mask is not None:
            value = ops.where(mask, value, carry[1])
        return (new, value), {"parts": found, "output": value}

    return step


def _nested(initial: Any, parts: int) -> list[list[Tensor]]:
    """Returns the states of each part as a list."""
    states = list(initial) if isinstance(initial, list | tuple) else [initial]
    if parts == 1:
        return [list(keras.tree.flatten(states))]
    return [list(s) if isinstance(s, list | tuple) else [s] for s in states]


def _masked_outputs(layer: Any, outputs: Tensor, mask: Tensor) -> Tensor:
    """Gives masked steps the output that the layer's own loop gives them."""
    scanned = keras.backend.backend() == "jax"
    kept = ops.cast(mask, "bool")
    while len(kept.shape) < len(outputs.shape):
        kept = ops.expand_dims(kept, -1)
    if layer.zero_output_for_mask and not (scanned and layer.unroll):
        return ops.where(kept, outputs, ops.zeros_like(outputs))
    if scanned and not layer.unroll:
        return outputs  # JAX's loop hands the state on, also before the first step that counts
    begun = ops.cumsum(ops.cast(kept, "int32"), axis=1) > 0
    return ops.where(begun, outputs, ops.zeros_like(outputs))


def _mask_like(mask: Tensor, sequences: Tensor) -> Tensor:
    """Returns a mask of shape (steps, batch, 1, …) with an axis for each of a state's."""
    mask = _time_first(ops.cast(mask, "bool"))
    for _ in range(len(sequences.shape) - 2):
        mask = ops.expand_dims(mask, -1)
    return mask


def _time_first(values: Tensor) -> Tensor:
    return ops.transpose(values, (1, 0, *range(2, len(values.shape))))


_batch_first = _time_first
