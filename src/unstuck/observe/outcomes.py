"""Measures a trained model on a sample of its data: predictions, controls, signal."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck import backends
from unstuck.case.compiled import output_names
from unstuck.case.facts import CompileFacts, LossFacts, ModelFacts
from unstuck.case.graph import fixed_batch
from unstuck.observe import controls
from unstuck.observe.alignment import alignment
from unstuck.observe.axes import axes
from unstuck.observe.coded import coded
from unstuck.observe.decoding import decoding
from unstuck.observe.framing import AxisFacts, DecodingFacts, RolloutFacts
from unstuck.observe.lag import needed_lag
from unstuck.observe.loss_probe import probe
from unstuck.observe.losses import OutputLoss, output_losses
from unstuck.observe.outcome import (
    AlignmentFacts,
    CodeFacts,
    LossProbeFacts,
    OutcomeFacts,
    OutputOutcome,
    SignalFacts,
)
from unstuck.observe.predictions import prediction_facts
from unstuck.observe.rollout import rollout
from unstuck.observe.signal import signal
from unstuck.observe.xray.facts import LagFacts

Array = npt.NDArray[Any]

LAG_OUTPUTS = 3
"""Outputs whose lag is measured: each takes about a second."""
AXIS_INPUTS = 3
"""Inputs whose axes are measured."""
CHUNK = 256
"""Samples predicted at once, where the model doesn't fix its batch size."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """Rows of the data in the nesting that the model takes.

    Attributes:
        split: "train" or "validation".
        x: Any nesting of arrays with the samples first.
        targets: One array an output, by the output's name.
        weights: Sample weights by output (class weights folded in), where there are any.
        opening: The first rows of the first input and of the targets, in the user's order.
        y: The targets in the nesting that the model's loss takes.
    """

    split: str
    x: Any
    targets: dict[str, Array]
    weights: dict[str, Array]
    opening: tuple[Array, dict[str, Array]] | None = None
    y: Any = None

    @property
    def arrays(self) -> list[Array]:
        """The input arrays as a flat list."""
        return [np.asarray(leaf) for leaf in keras.tree.flatten(self.x)]


def outcome(
    model: Any, facts: ModelFacts, compiled: CompileFacts, samples: list[Sample]
) -> OutcomeFacts:
    """Measures every output on every sample; model, states and random state stay as they were."""
    losses = {loss.output: loss for loss in output_losses(model)}
    outputs: list[OutputOutcome] = []
    probes: list[LossProbeFacts] = []
    signals: list[SignalFacts] = []
    lags: list[LagFacts] = []
    alignments: list[AlignmentFacts] = []
    codes: list[CodeFacts] = []
    rollouts: list[RolloutFacts] = []
    decoded: list[DecodingFacts] = []
    for sample in samples:
        predicted = predict(model, facts, sample.x)
        for name, loss in losses.items():
            if name not in predicted or name not in sample.targets:
                continue
            count = len(predicted[name])
            view = _View(sample, name, predicted[name], count, _loss_facts(compiled, name))
            outputs.append(_judge(loss, view))
            if sample.split == "train":
                probes += [_probe(loss, view, facts)] if view.loss.custom else []
                token_ids = any(layer.kind == "Embedding" for layer in facts.layers)
                signals += _signal(view, token_ids)
                lags += _lag(view, token_ids) if len(lags) < LAG_OUTPUTS else []
                alignments += _alignment(view)
                codes += [] if token_ids or codes else _codes(view)
                decoded += _decoded(view)
                if len(losses) == 1 and alignments and (outputs[-1].skill or 0.0) > 0:
                    rollouts += _rolled_out(model, view, alignments[-1])
    return OutcomeFacts(
        tuple(outputs),
        tuple(signals),
        tuple(probes),
        tuple(lags),
        tuple(alignments),
        tuple(codes),
        tuple(_axes(samples, facts)),
        tuple(rollouts),
        tuple(decoded),
    )


@dataclasses.dataclass(frozen=True)
class _View:
    """One output of one sample, cut to the rows that were predicted."""

    sample: Sample
    name: str
    predictions: Array
    count: int
    loss: LossFacts

    @property
    def targets(self) -> Array:
        return np.asarray(self.sample.targets[self.name][: self.count])

    @property
    def inputs(self) -> list[Array]:
        return [array[: self.count] for array in self.sample.arrays]

    @property
    def weights(self) -> Array | None:
        weights = self.sample.weights.get(self.name)
        return None if weights is None else weights[: self.count]


def _signal(view: _View, token_ids: bool) -> list[SignalFacts]:
    with _by_the_way():
        found = signal(view.name, view.inputs, view.targets, token_ids)
        return [found] if found else []
    return []


def _lag(view: _View, token_ids: bool) -> list[LagFacts]:
    predicted, targets = view.predictions.shape, view.targets.shape
    opening = view.sample.opening if len(view.inputs) == 1 else None
    with _by_the_way():
        found = needed_lag(
            view.name,
            view.inputs,
            view.targets,
            token_ids=token_ids,
            per_step=len(predicted) > 2 and len(targets) > 1 and targets[1] == predicted[1],
            opening=(opening[0], opening[1][view.name])
            if opening is not None and view.name in opening[1]
            else None,
        )
        return [found] if found else []
    return []


def _alignment(view: _View) -> list[AlignmentFacts]:
    windows, targets = view.inputs[0], view.targets
    if len(view.inputs) == 1 and view.sample.opening is not None:
        windows, targets = view.sample.opening[0], view.sample.opening[1].get(view.name, targets)
    # One target a step is an answer to each, or the window itself; neither is a forecast.
    per_step = targets.ndim > 1 and windows.ndim > 1 and targets.shape[1] == windows.shape[1] > 1
    if windows.ndim != 3 or per_step or not _regression(view.loss.name):
        return []
    with _by_the_way():
        found = alignment(view.name, windows, targets)
        return [found] if found else []
    return []


def _codes(view: _View) -> list[CodeFacts]:
    with _by_the_way():
        found = coded(view.name, view.inputs, view.targets)
        return [found] if found else []
    return []


def _decoded(view: _View) -> list[DecodingFacts]:
    if "crossentropy" not in view.loss.name or view.predictions.ndim != 3:
        return []
    with _by_the_way():
        logits = bool(view.loss.from_logits)
        found = decoding(view.name, view.inputs, view.targets, view.predictions, logits)
        return [found] if found else []
    return []


def _rolled_out(model: Any, view: _View, alignment: AlignmentFacts) -> list[RolloutFacts]:
    """Feeds forecasts of the next step back, where they are good for anything."""
    opening = view.sample.opening
    if alignment.offset != 1 or opening is None or view.name not in opening[1]:
        return []
    with contextlib.suppress(Exception):  # the user's own layers may raise whatever they like
        found = rollout(model, view.name, opening[0], opening[1][view.name], view.inputs[0])
        return [found] if found else []
    return []


def _axes(samples: list[Sample], facts: ModelFacts) -> Iterator[AxisFacts]:
    """Yields what the axes of the inputs of the training sample are like; ids have none."""
    train = next((sample for sample in samples if sample.split == "train"), None)
    if train is None or any(layer.kind == "Embedding" for layer in facts.layers):
        return
    targets = next(iter(train.targets.values()), None)
    for index, array in enumerate(train.arrays[:AXIS_INPUTS]):
        opening = train.opening[0] if train.opening is not None and index == 0 else None
        if array.ndim in (2, 3):
            with _by_the_way():
                found = axes(array, opening, index, targets)
                if found is not None:
                    yield found


@contextlib.contextmanager
def _by_the_way() -> Iterator[None]:
    """Lets a control fail alone: strings and ragged data train as well, but have no kernel."""
    try:
        yield
    except (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        return


def _judge(loss: OutputLoss, view: _View) -> OutputOutcome:
    shape, targets, weights = view.predictions.shape, view.targets, view.weights
    constant = controls.constant_predictor(loss, targets, shape, weights)
    try:
        value: float | None = loss.mean(targets, view.predictions, weights)
    except Exception:
        value = None
    return OutputOutcome(
        output=view.name,
        split=view.sample.split,
        samples=view.count,
        loss=value,
        constant_predictor=constant,
        naive_forecast=_naive_forecast(loss, view, constant),
        perfect=controls.perfect_predictor(loss, targets, shape, weights),
        predictions=prediction_facts(
            view.predictions, targets, weights, view.loss.name, bool(view.loss.from_logits)
        ),
    )


def _naive_forecast(loss: OutputLoss, view: _View, constant: float | None) -> float | None:
    """Returns the loss of repeating the last value, where that is a forecast at all."""
    source = view.sample.arrays[0][: view.count]
    if source.ndim != 3 or not _regression(view.loss.name):
        return None
    naive = controls.naive_forecast(
        loss, source, view.targets, view.predictions.shape, view.weights
    )
    if view.sample.opening is not None:
        windows, targets = view.sample.opening
        if view.name in targets and controls.continues(windows, targets[view.name]):
            return naive
    # Shuffled windows can't show that targets continue them; a repetition that beats the best
    # constant says it as well.
    better = naive is not None and constant is not None and naive < constant
    return naive if better else None


def _regression(loss: str) -> bool:
    return not any(word in loss for word in ("crossentropy", "hinge", "poisson"))


def _loss_facts(compiled: CompileFacts, name: str) -> LossFacts:
    return next((loss for loss in compiled.losses if loss.output == name), LossFacts(name, ""))


def _probe(loss: OutputLoss, view: _View, facts: ModelFacts) -> LossProbeFacts:
    head = next((head for head in facts.heads if head.output == view.name), None)
    return probe(loss, view.targets, view.predictions, head.activation if head else None)


def predict(model: Any, facts: ModelFacts, x: Any) -> dict[str, Array]:
    """Returns the predictions of each output in inference mode, shape (rows, ...).

    Rows that don't fill a batch of a model with a fixed batch size are left out.
    """
    fixed = fixed_batch(model)
    rows = len(keras.tree.flatten(x)[0])
    chunk = fixed or min(CHUNK, rows)
    starts = range(0, rows - (chunk - 1 if fixed else 0), chunk)
    parts = [
        keras.tree.map_structure(lambda leaf, at=at: leaf[at : at + chunk], x) for at in starts
    ]
    with _states_kept(model):
        outputs = backends.current().forward(model, parts)
    collected = [keras.tree.flatten(output) for output in outputs]
    names = output_names(model) or [head.output for head in facts.heads]
    columns = zip(*collected, strict=True)
    return {name: np.concatenate(parts) for name, parts in zip(names, columns, strict=False)}


@contextlib.contextmanager
def _states_kept(model: Any) -> Iterator[None]:
    """Puts back what a forward pass moves on: carried states, and seeds.

    Even in inference mode a recurrent layer with dropout draws its masks.
    """
    # Keras leaves carried states out of ``model.variables``.
    held = [getattr(layer, "states", None) for layer in model._flatten_layers()]
    carried = [state for states in held if states for state in keras.tree.flatten(states)]
    others = {id(variable) for variable in (*model.weights, *model.metrics_variables)}
    seeds = [variable for variable in model.variables if id(variable) not in others]
    moved = [variable for variable in (*carried, *seeds) if hasattr(variable, "assign")]
    before = [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in moved]
    try:
        yield
    finally:
        for variable, value in zip(moved, before, strict=True):
            variable.assign(value)
