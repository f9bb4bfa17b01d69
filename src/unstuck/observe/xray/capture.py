"""Takes x-rays: from a model and a batch to arrays with named axes, checked."""

from __future__ import annotations

import dataclasses
import math
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.facts import Place
from unstuck.case.graph import fixed_batch
from unstuck.observe.measures.site import site_measures
from unstuck.observe.xray.checks import checks
from unstuck.observe.xray.facts import SiteFacts, SiteMeasures, XRayFacts
from unstuck.observe.xray.opening import Opened
from unstuck.observe.xray.replay import Pass, Replay, XRayError
from unstuck.observe.xray.trace import Trace

Array = npt.NDArray[Any]

RETURNED = 2**28
"""Bytes of activations and gradients that one x-ray returns at most. With them stand the
tensors of the passes, three times as much, so that it stays within a gigabyte or so."""
AT_ONCE = 2**28
"""Bytes of the same that are worked out in one pass; a longer batch goes through in parts."""
BESIDE = 2**24
"""Bytes of the same from which they are measured on a thread beside the next pass. Measuring less
takes Python longer than NumPy, and a thread that waits for Python's lock for up to 5 ms."""

PlaceOf = Callable[[Any], Place | None]


@dataclasses.dataclass(frozen=True)
class Batch:
    """One batch as ``fit`` takes it: any nesting of arrays, samples first."""

    x: Any
    y: Any
    weights: Any = None

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(keras.tree.flatten(self.x)[0])

    def taken(self, rows: Any) -> Batch:
        """Returns the batch of some rows only."""
        parts = (
            None if part is None else keras.tree.map_structure(lambda leaf: leaf[rows], part)
            for part in (self.x, self.y, self.weights)
        )
        return Batch(*parts)


@dataclasses.dataclass(frozen=True)
class Capture:
    """What one x-ray gave.

    Attributes:
        traces: In the order of the data; empty where the checks failed.
        facts: Measurements of the traces, and the checks.
    """

    traces: tuple[Trace, ...]
    facts: XRayFacts


_replays: weakref.WeakKeyDictionary[Any, dict[bool, Replay]] = weakref.WeakKeyDictionary()
"""Compiled passes by model and mode, so that a second x-ray of a model costs no compilation."""


def replay_of(model: Any, training: bool) -> Replay:
    """Returns the compiled passes of a model, made anew where it was changed.

    Raises:
        XRayError: If the model can't be looked into.
    """
    known = _replays.setdefault(model, {})
    if training not in known or not known[training].fits(model):
        known[training] = Replay(model, training)
    return known[training]


def capture(
    model: Any,
    batch: Batch,
    *,
    training: bool = True,
    values: list[Array] | None = None,
    step: int = 0,
    reason: str = "end",
    place_of: PlaceOf = lambda layer: None,
) -> Capture:
    """Takes an x-ray of a batch, with the model's variables as they are or as they were.

    A batch whose activations would not fit into memory is thinned out evenly; ``samples`` of
    the facts says how many were looked at.

    Args:
        values: Of ``Replay.variables``, from an earlier moment.

    Raises:
        XRayError: If the model or the batch can't be looked into.
    """
    replay = replay_of(model, training)
    batch = prepared(model, batch)
    values = replay.values() if values is None else values
    passes = _Passes(replay, values, place_of, step == 0)
    size = _bytes_per_sample(replay, batch)
    fixed = fixed_batch(model)
    if fixed is None:
        batch = batch.taken(_spread(batch.samples, max(1, RETURNED // size)))
    elif batch.samples != fixed:
        raise XRayError(
            f"Expected a batch of {fixed} samples, which the model fixes. "
            f"Received: {batch.samples}. Pass {fixed} samples."
        )
    at_once = batch.samples if fixed else max(1, AT_ONCE // size)
    for start in range(0, batch.samples, at_once):
        last = start + at_once >= batch.samples
        part = batch.taken(slice(start, start + at_once))
        passes.run(part, batch.samples, last, beside=part.samples * size >= BESIDE)
    return passes.capture(step, reason, batch.samples)


class _Passes:
    """The passes of one x-ray, put together.

    While a pass of the model as it is runs, which needs no Python, the opened one is measured
    beside it, if that is worth a thread; where the checks fail then, it was for nothing.
    """

    def __init__(self, replay: Replay, values: list[Array], place_of: PlaceOf, start: bool) -> None:
        self._replay, self._values, self._place_of = replay, values, place_of
        self._at_start = start
        self._parts: list[list[Trace]] = []
        self._checks: list[Any] = []
        self._loss = 0.0
        self._traces: tuple[Trace, ...] = ()
        self._sites: tuple[SiteMeasures, ...] = ()

    def run(self, part: Batch, samples: int, last: bool, *, beside: bool) -> None:
        given = (self._values, part.x, part.y, part.weights)
        opened, share = self._replay.open(*given), part.samples / samples
        measure, leave = partial(self._measure, opened, share, last), self._replay.leaving(*given)
        if beside:
            with ThreadPoolExecutor(1, "unstuck-x-ray") as thread:
                measured, own = thread.submit(measure), leave()
                measured.result()
        else:
            measure()
            own = leave()
        self._loss += own.loss * share
        self._checks.append(checks(opened, own))

    def _measure(self, opened: Pass, share: float, last: bool) -> None:
        if not math.isfinite(opened.loss):
            return  # it will be withheld
        self._parts.append(
            [_trace(at, opened, share, self._place_of) for at in range(len(opened.calls))]
        )
        if last:
            self._traces = tuple(_joined(list(c)) for c in zip(*self._parts, strict=True))
            self._sites = tuple(site_measures(trace, self._at_start) for trace in self._traces)

    def capture(self, step: int, reason: str, samples: int) -> Capture:
        worst = [max(column, key=_distance) for column in zip(*self._checks, strict=True)]
        withheld = _withheld(worst, self._loss)
        facts = XRayFacts(
            step=step,
            reason=reason,
            samples=samples,
            loss=self._loss if math.isfinite(self._loss) else None,
            sites=() if withheld else self._sites,
            checks=tuple(worst),
            withheld=withheld,
        )
        return Capture(() if withheld else self._traces, facts)


def _distance(check: Any) -> tuple[bool, float]:
    return (not check.passed, check.output)


def _withheld(worst: list[Any], loss: float) -> str | None:
    if not math.isfinite(loss):
        return "The loss of the batch is not finite, so there are no gradients to look at."
    failed = [check for check in worst if not check.passed]
    if not failed:
        return None
    first = max(failed, key=lambda check: check.output)
    return (
        f"The replay of {first.site} does not equal the layer's own result (outputs differ by "
        f"{first.output:.2g} of their largest), so what it shows is withheld."
    )


def prepared(model: Any, batch: Batch) -> Batch:
    """Returns a batch in the types that ``fit`` hands to a model.

    Raises:
        XRayError: If there is nothing to compare predictions with, or no sample.
    """
    floats = keras.config.floatx()

    def cast(leaf: Any) -> Array:
        array = np.asarray(leaf if hasattr(leaf, "__array__") else keras.ops.convert_to_numpy(leaf))
        return array.astype(floats) if np.issubdtype(array.dtype, np.floating) else array

    if batch.y is None or not batch.samples:
        raise XRayError(
            "Expected a batch of inputs x and targets y with at least one sample. "
            f"Received: {batch.samples} samples, y={'None' if batch.y is None else 'given'}."
        )
    parts = (
        None if part is None else keras.tree.map_structure(cast, part)
        for part in (batch.x, batch.y, batch.weights)
    )
    return Batch(*parts)


def _spread(count: int, most: int) -> Any:
    return slice(None) if count <= most else np.linspace(0, count - 1, most).astype(int)


def _bytes_per_sample(replay: Replay, batch: Batch) -> int:
    """Returns about how many bytes one sample's activations and gradients take."""
    leaves = keras.tree.flatten(batch.x)
    steps = max((leaf.shape[1] for leaf in leaves if leaf.ndim > 1), default=1)
    floats = 0
    for layer in replay.layers.values():
        for cell in getattr(layer.cell, "cells", [layer.cell]):
            # For each unit: up to four gates and two states, and a gradient of each.
            units = getattr(cell, "units", None) or math.prod(_state_shape(layer))
            floats += 12 * int(units)
    return max(1, 4 * steps * floats)


def _state_shape(layer: Any) -> tuple[int, ...]:
    state = keras.tree.flatten(layer.get_initial_state(1))[0]
    return tuple(int(size) for size in state.shape[1:])


class _Frame:
    """One call of a pass, as arrays (samples, steps, units) in the order of the data."""

    def __init__(self, at: int, opened: Pass, share: float) -> None:
        self.call, self.record = opened.calls[at], opened.records[at]
        self._gradients = opened.gradients
        self._at, self._share = at, np.float32(share)
        mask = self.record.get("mask")
        flat = None if mask is None else mask.reshape(*mask.shape[:2], 1)
        self.mask = None if flat is None else self.ordered(flat)[..., 0] > 0

    def ordered(self, values: Array) -> Array:
        values = np.asarray(values).swapaxes(0, 1)
        values = values.reshape(*values.shape[:2], -1).astype(np.float32, copy=False)
        return values[:, ::-1] if self.call.layer.go_backwards else values

    def slope(self, place: str) -> Array:
        return self.shared(self.ordered(self._gradients[f"{self._at}/{place}"]))

    def shared(self, slope: Array) -> Array:
        """Makes a gradient of the pass's mean loss one of the batch's."""
        return slope if self._share == 1 else np.asarray(slope * self._share)

    def by_gate(self, values: Array) -> dict[str, Array]:
        """Splits (steps, samples, …, gates x units, …); masked steps are zero."""
        part = self.call.part
        axis = part.channels if part.channels < 0 else part.channels + 1
        blocks = np.split(np.asarray(values), len(part.gates), axis=axis)
        # What is measured goes over each gate many times: a block of its own pays.
        ordered = [self.ordered(np.ascontiguousarray(block)) for block in blocks]
        if self.mask is not None:
            ordered = [block * self.mask[..., None] for block in ordered]
        return dict(zip(part.gates, ordered, strict=True))

    @property
    def gates(self) -> dict[str, Array]:
        return self.by_gate(self.record["gates"]) if self.call.part.gates else {}

    @property
    def gate_slopes(self) -> dict[str, Array]:
        if not self.call.part.gates:
            return {}
        slopes = self.by_gate(self._gradients[f"{self._at}/z"])
        return {name: self.shared(slope) for name, slope in slopes.items()}


def _trace(at: int, opened: Pass, share: float, place_of: PlaceOf) -> Trace:
    """Puts one call of a pass into a trace.

    Args:
        share: Samples of the pass over those of the batch whose mean loss is wanted.
    """
    frame = _Frame(at, opened, share)
    record, reach = frame.record, opened.reach[at]
    inputs, hidden = frame.ordered(record["x"]), frame.ordered(record["h"])
    has_cell = "c" in record
    return Trace(
        site=_facts(frame.call, at, inputs, hidden, place_of),
        mask=frame.mask,
        inputs=inputs,
        gates=frame.gates,
        cell=frame.ordered(record["c"]) if has_cell else None,
        hidden=hidden,
        gate_gradients=frame.gate_slopes,
        cell_gradient=frame.slope("c") if has_cell else None,
        hidden_gradient=frame.slope("h"),
        input_gradient=frame.slope("x"),
        reach=None if reach is None else np.sqrt((frame.ordered(reach) ** 2).mean(axis=2)),
        initial=tuple(
            np.asarray(state, np.float32).reshape(len(hidden), -1) for state in record["initial"]
        ),
        **opened.weights[at],
    )


def _facts(call: Opened, depth: int, inputs: Array, hidden: Array, place_of: PlaceOf) -> SiteFacts:
    cell, layer = call.part.cell, call.layer
    return SiteFacts(
        name=call.path,
        layer=str(layer.name),
        kind=call.part.kind,
        gates=call.part.gates,
        steps=hidden.shape[1],
        features=inputs.shape[2],
        units=hidden.shape[2],
        activation=_name(getattr(cell, "activation", None)),
        recurrent_activation=_name(getattr(cell, "recurrent_activation", None)),
        go_backwards=bool(layer.go_backwards),
        stateful=bool(layer.stateful),
        return_sequences=bool(layer.return_sequences),
        depth=depth,
        place=place_of(layer),
    )


def _name(activation: Any) -> str | None:
    return None if activation is None else str(getattr(activation, "__name__", activation))


def _joined(parts: list[Trace]) -> Trace:
    """Puts the traces of parts of a batch behind one another."""
    if len(parts) == 1:
        return parts[0]

    def join(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if values[0] is None:
            return None
        if isinstance(values[0], Mapping):
            return {gate: np.concatenate([v[gate] for v in values]) for gate in values[0]}
        if isinstance(values[0], tuple):
            return tuple(np.concatenate(column) for column in zip(*values, strict=True))
        return np.concatenate(values)

    alike = ("site", "kernel", "recurrent_kernel", "bias")
    names = [field.name for field in dataclasses.fields(Trace) if field.name not in alike]
    return dataclasses.replace(parts[0], **{name: join(name) for name in names})
