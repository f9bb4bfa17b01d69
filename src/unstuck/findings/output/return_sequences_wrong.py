"""One state where a sequence is meant, or a sequence where one state is."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import remove_argument, set_argument
from unstuck.case.facts import (
    ArrayFacts,
    FitFacts,
    LayerFacts,
    ModelFacts,
    Shape,
)
from unstuck.case.notebook import cell_of
from unstuck.case.script import Call, Script
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import RECURRENT, SPARSE, learned, loss_name, output_shape
from unstuck.findings.output.shapes import aligned, batch_of, words
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, flag_edit, only
from unstuck.observe.outcome import FailureFacts
from unstuck.record import Finding, Quantity, Treatment

SEQUENCES_ONLY = (
    RECURRENT
    | {"Bidirectional", "TimeDistributed", "Conv1D", "MaxPooling1D", "AveragePooling1D"}
    | {"GlobalMaxPooling1D", "GlobalAveragePooling1D"}
)
"""Layers that raise on an input without a time axis."""


class ReturnSequencesWrong(Rule):
    """The last recurrent layer returns one state where a sequence is meant, or the reverse.

    ## What it finds
    An output with a time axis for targets without one, or the reverse, where that axis is as
    long as the time axis of the last recurrent layer. In the source: a recurrent layer on top of
    one that returns its last state only.

    ## Why LSTMs get this
    ``return_sequences`` is False by default, has to be True below another recurrent layer, and on
    the last one depends on the task. ``Dense`` takes any number of axes, so a wrong choice passes
    through it, and the loss stretches one shape to the other without a word.

    ## How it is measured
    The shapes of output and targets as the loss meets them, the time steps of the last recurrent
    layer, its ``return_sequences``, and the exception where the loss refused.

    ## What proves it
    One output against T targets: the best answer is their mean over time. T outputs against one
    target: the first step must already know what only the last one can. The same run with the
    other setting.

    ## What cures it
    ``return_sequences=True`` for a value at each step, without it for one value for each sequence.

    ## False alarms
    ``RepeatVector``, ``Flatten`` and pooling change the axis on purpose; then the shapes agree and
    nothing is said.

    ## References
    Keras guide, Working with RNNs.
    """

    code = "OUT106"
    name = "wrong-return-sequences"
    cause = "return_sequences_wrong"
    explains = (
        "target_shape_broadcast",
        "architecture_wrong_for_task",
        "capacity_too_small",
        "too_few_updates",
        "vanishing_gradients",
        "lr_too_low",
        "metric_mismatch",
        "label_encoding_error",
    )
    weight = 105
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = np.cumsum(x.sum(2, keepdims=True), axis=1)\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("LSTM(4)", "LSTM(4, return_sequences=True)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds layers that need a sequence on top of one that returns its last state."""
        for layer in dict.fromkeys(script.layers()):
            for below in layer.inputs:
                if below not in layer.states and _stacked(layer, below):
                    yield self._stack(layer, below, script)

    def examine(
        self,
        outputs: tuple[Output, ...],
        model: ModelFacts,
        inputs: tuple[ArrayFacts, ...],
        progress: Progress,
        scripts: Scripts,
        fit: FitFacts | None = None,
        failure: FailureFacts | None = None,
    ) -> Iterator[Finding]:
        """Compares the time axis of every output with that of its targets."""
        last = _last(model, inputs)
        if last is None:
            return
        layer, steps = last
        for output in outputs:
            shape, target = output_shape(output), output.target
            if shape is None or target is None or _fine(output, progress, failure):
                continue
            meant = _meant(layer, steps, output, shape, target.shape, batch_of(fit))
            if meant is not None:
                yield self._finding(layer, steps, shape, target.shape, meant, scripts)

    def _finding(
        self,
        layer: LayerFacts,
        steps: int,
        shape: Shape,
        target: Shape,
        meant: bool,
        scripts: Scripts,
    ) -> Finding:
        given = (
            f"gives only its last state, but the targets {words(target)} have a value for "
            f"each of the {steps} steps"
            if meant
            else f"gives all {steps} steps, but the targets {words(target)} have one value "
            "for each sequence"
        )
        return self.found(
            f"The last recurrent layer '{layer.name}' {given}; the output has shape "
            f"{words(shape)}.",
            confidence=0.97,
            place=layer.place,
            layer=layer.name,
            evidence={
                "time_steps": number(steps, "time steps"),
                "output_shape": Quantity(words(shape), "axes"),
                "target_shape": Quantity(words(target), "axes"),
            },
            treatments=[_treatment(meant, flag_edit(layer, scripts, "return_sequences", meant))],
        )

    def _stack(self, layer: Call, below: Call, script: Script) -> Finding:
        returns = layer.kind != "RepeatVector"
        given = "returns its last state only" if returns else "returns a state for each step"
        needs = "needs a sequence" if returns else "repeats one state"
        edits = (
            set_argument(_cell(below), script, "return_sequences", "True")
            if returns
            else remove_argument(_cell(below), script, "return_sequences")
        )
        return self.found(
            f"The {below.kind} in {_line(below, script)} {given}, but the {layer.kind} in "
            f"{_line(layer, script)} that reads it {needs}: building the model raises an error.",
            level="suspected",
            confidence=0.95,
            place=_cell(below).place,
            # Without the edit the model can't be built at all.
            treatments=[_treatment(returns, edits, safe=only(script, layer, _cell(below)))],
        )


def _fine(output: Output, progress: Progress, failure: FailureFacts | None) -> bool:
    """Whether the run itself says that the shapes are meant so."""
    # A loss of the user's own may read the last step only, or stretch on purpose.
    meant_so = output.loss.custom and not progress.poor and failure is None
    return learned(output, progress) or meant_so


def _treatment(sequences: bool, edits: Edits, safe: bool = False) -> Treatment:
    name, summary = (
        ("return-all-steps", "Set return_sequences=True on this layer.")
        if sequences
        else ("return-last-state", "Leave return_sequences off on this layer.")
    )
    return Treatment(name, summary, edits, safe=safe)


def _line(call: Call, script: Script) -> str:
    """Returns where a call stands, in a notebook by its cell."""
    place = script.where(call.place.line)
    cell = cell_of(place.file)[1]
    return f"line {place.line}" if cell is None else f"line {place.line} of cell {cell}"


def _cell(layer: Call) -> Call:
    """Returns the recurrent layer itself, without the wrapper around it."""
    return layer.holds[0] if layer.kind == "Bidirectional" and layer.holds else layer


def _stacked(layer: Call, below: Call) -> bool:
    """Whether a layer reads a sequence and gets one state, or the reverse."""
    cell = _cell(below)
    # States that are handed on as initial_state are no input sequence.
    if cell.kind not in RECURRENT or cell.get("return_state", False).value is not False:
        return False
    returns = cell.get("return_sequences", False).value
    if layer.kind == "RepeatVector":
        return returns is True
    return layer.kind in SEQUENCES_ONLY and returns is False


def _last(model: ModelFacts, inputs: tuple[ArrayFacts, ...]) -> tuple[LayerFacts, int] | None:
    """Returns the last recurrent layer and its time steps, None where they aren't known."""
    layers = {layer.name: layer for layer in model.layers}
    cells = [layer for layer in model.layers if layer.kind in RECURRENT]
    if not cells:
        return None
    cell = cells[-1]
    wrapper = layers.get(cell.inside or "", cell)
    shape = cell.input_shape or wrapper.input_shape or ()
    lengths = {array.shape[1] for array in inputs if len(array.shape) > 1}
    steps = shape[1] if len(shape) > 1 and shape[1] else None
    if steps is None and len(lengths) == 1:
        steps = lengths.pop()
    return None if steps is None or steps < 2 else (cell, steps)


def _meant(
    layer: LayerFacts, steps: int, output: Output, shape: Shape, target: Shape, batch: int
) -> bool | None:
    """Returns what ``return_sequences`` should be, None where it is as it should be."""
    sparse = loss_name(output) in SPARSE
    values = target[:-1] if sparse and len(target) > 1 and target[-1] == 1 else target
    given = shape[:-1] if sparse else shape
    if aligned(values, given, batch, squeezed=not sparse).agree:
        return None
    returns = bool(layer.config.get("return_sequences"))
    if not returns and len(shape) == 2 and len(values) > 1 and values[1] == steps:
        # (n, T) may also be T targets of one sequence, for which a wide head would do.
        return True if sparse or len(values) > 2 or shape[-1] == 1 else None
    if returns and len(shape) > 2 and shape[1] in (steps, None):
        single = len(values) == 1 or (len(values) == 2 and values[1] in (1, shape[-1]))
        return False if single or (len(values) == 3 and values[1] == 1) else None
    return None
