"""Series that reach the cell with their time on another axis, or cut to pieces."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import replace_call
from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Call, Model, Script
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.reach import RECURRENT, TRANSPARENT
from unstuck.findings.sequence.readings import meant, of_other_kinds
from unstuck.findings.sequence.reshapes import Torn, torn
from unstuck.findings.sequence.undoing import (
    blamed,
    inside_model,
    moves_axes,
    place_of,
    undone,
)
from unstuck.findings.sites import Edits, Scripts, input_shape, layer_call
from unstuck.observe.framing import AxisFacts, LayoutFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.record import Finding, Treatment

WELL = 0.5
"""Skill on data that were not seen from which the network gets along with what it is given."""


class TimeAxisError(Rule):
    """reshape where transpose was meant, or time and features swapped.

    ## What it finds
    Inputs of a recurrent layer whose steps are no steps in time: the series lie along the feature
    axis, or a ``reshape`` has cut them to pieces and filled the steps with what came next.

    ## Why LSTMs get this
    A recurrent layer wants (samples, steps, features); files and sensors give (samples, features,
    steps). ``reshape`` makes the shape right and the error go away, but it only cuts the same
    memory elsewhere. The loss still falls, as every value is still there.

    ## How it is measured
    Correlations over samples between values that are next to each other as given, and between those
    that another reading of the same memory puts next to each other. Where windows overlap: along
    which axis they move on, value by value. In the source: axes of an array that are given back to
    ``reshape`` the other way round.

    ## What proves it
    Windows that move on along the feature axis. Likeness that goes on across the steps as given,
    and breaks off exactly where one series ends in the other reading.

    ## What cures it
    ``x.transpose(0, 2, 1)`` instead of ``reshape``; for data that were reshaped before,
    ``x.reshape(n, features, steps).transpose(0, 2, 1)``.

    ## False alarms
    Values that are noise, one-hot rows or pictures tell nothing, and are left alone. A sequence of
    smooth curves that have nothing to do with each other looks like swapped axes: that is said as
    a warning where the network learns.

    ## References
    NumPy, the documentation of ``reshape`` and ``transpose``.
    """

    code = "SEQ106"
    name = "time-on-another-axis"
    cause = "time_axis_error"
    explains = (
        "window_too_short",
        "sequence_too_long",
        "no_signal_in_data",
        "features_treated_as_timesteps",
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "capacity_too_large",
        "overfitting",
        "insufficient_data",
        "vanishing_gradients",
        "class_imbalance",
        "persistence_solution",
        "no_input_scaling",
        "architecture_wrong_for_task",
        "optimizer_unsuited",
        "batch_size_too_small",
        "over_regularization",
    )
    weight = 101
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "n, sensors, steps = 300, 3, 16\n"
        "time = np.arange(steps) + rng.uniform(0, 16, (n, sensors, 1))\n"
        "period = rng.choice([5.0, 7.0], (n, 1, 1))\n"
        "x = np.sin(2 * np.pi * time / period) + 0.1 * rng.normal(size=(n, sensors, steps))\n"
        "x = x.reshape(n, steps, sensors)\n"
        "y = (period[:, 0, 0] > 6).astype(int)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((16, 3)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=30, verbose=0)\n"
    )
    healthy = sick.replace("x.reshape(n, steps, sensors)", "x.transpose(0, 2, 1)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds reshapings that give an array, or an input, its own axes the other way round."""
        if any(layer.kind in RECURRENT for layer in script.layers()):
            for one in torn(script):
                yield self._suspected(one.reshape.place, _words_of(one), one.edits)
        for model in script.models:
            layer = _reshaped_input(model)
            if layer is not None:
                words = "Reshape gives the input its two axes the other way round"
                yield self._suspected(layer.place, words, _permuted(layer, script))

    def examine(
        self,
        outcome: OutcomeFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares how alike neighbours are in the readings of every input."""
        if not any(layer.kind in RECURRENT for layer in model.layers):
            return
        layer = _turning_layer(model)
        if layer is not None:
            yield self._by_layer(layer, scripts)
            return
        for facts in outcome.axes:
            reading = meant(facts)
            if reading is not None and not moves_axes(model):
                yield self._finding(facts, reading, model, progress, fit, scripts)
                return
        site = blamed(scripts)
        if isinstance(site, Torn) and not any(facts.shifted for facts in outcome.axes):
            yield self._by_source(site, progress)

    def _finding(
        self,
        facts: AxisFacts,
        reading: str,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        layout = facts.layouts[reading]
        proven = reading != "swapped" or layout.shifted
        skill = progress.skill if of_other_kinds(facts) else 1.0
        well = (progress.validation_skill or (0.0 if proven else skill) or 0.0) > WELL
        site = blamed(scripts)
        edits = undone(site, reading) or inside_model(facts, reading, model, scripts)
        return self.found(
            _message(facts, reading, layout),
            severity="warning" if well and not progress.poor else "error",
            confidence=0.95 if proven else 0.6,
            place=place_of(site) or fit.place,
            evidence={
                "likeness_along_steps": number(facts.given, "1"),
                "likeness_in_other_reading": number(layout.alike, "1"),
                "standard_error": number(layout.error, "1"),
                "steps": number(facts.steps, "steps"),
                "features": number(facts.features, "features"),
            },
            treatments=[_treatment(facts, reading, edits)],
        )

    def _by_source(self, one: Torn, progress: Progress) -> Finding:
        well = (progress.validation_skill or 0.0) > WELL
        return self.found(
            f"{_words_of(one)}. {_PIECES}",
            severity="error" if (one.how == "turned" and not well) or progress.poor else "warning",
            confidence=0.85,
            place=one.reshape.place,
            treatments=[Treatment("transpose-instead", _TRANSPOSE, one.edits)],
        )

    def _by_layer(self, layer: LayerFacts, scripts: Scripts) -> Finding:
        call = layer_call(layer, scripts)
        edits = _permuted(call, scripts[call.file]) if call and call.file in scripts else ()
        return self.found(
            f"Reshape makes {_shape(layer.output_shape)} of {_shape(layer.input_shape)}: it does "
            "not move time to another axis, it cuts every series to pieces.",
            confidence=0.95,
            place=layer.place,
            layer=layer.name,
            treatments=[Treatment("permute", _PERMUTE, edits)],
        )

    def _suspected(self, place: Place, words: str, edits: Edits) -> Finding:
        return self.found(
            f"{words}. {_PIECES}",
            severity="warning",
            level="suspected",
            confidence=0.85,
            place=place,
            treatments=[Treatment("transpose-instead", _TRANSPOSE, edits)],
        )


_PIECES = "That does not move the axes: it cuts every series to pieces."
_TRANSPOSE = "Move the axes instead of cutting the memory elsewhere: x.transpose(0, 2, 1)."
_PERMUTE = "Use Permute((2, 1)), which moves the axes, instead of Reshape."


def _message(facts: AxisFacts, reading: str, layout: LayoutFacts) -> str:
    steps, features = facts.steps, facts.features
    said = {
        "swapped": f"Time lies on the feature axis of the inputs ({steps} steps of {features})",
        "reshaped": f"The inputs hold {features} series of {steps} steps that a reshape has cut to "
        "pieces",
        "strided": f"The inputs hold {features} steps of {steps} features that a reshape has cut "
        "to pieces",
    }[reading]
    if layout.shifted:
        return f"{said}: read so, each window is the one before it moved on in time."
    return (
        f"{said}: read so, neighbours in time correlate at {layout.alike:.2f}, and as they are "
        f"given at {facts.given:.2f}."
    )


def _treatment(facts: AxisFacts, reading: str, edits: Edits) -> Treatment:
    steps, features = facts.steps, facts.features
    words = {
        "swapped": f"{_TRANSPOSE} The model's input is then ({features}, {steps}).",
        "reshaped": f"Read the memory as it is, then move the axes: x.reshape(-1, {features}, "
        f"{steps}).transpose(0, 2, 1).",
        "strided": f"Leave out the reshape: the windows are ({features}, {steps}), and so is the "
        "model's input.",
    }[reading]
    return Treatment("transpose-instead", words, edits)


def _words_of(one: Torn) -> str:
    if one.how == "turned":
        return "reshape gives an array its own last two axes the other way round"
    return "Series that are listed on the first axis are reshaped as if they were on the last"


def _turning_layer(model: ModelFacts) -> LayerFacts | None:
    """Returns a Reshape in front of the first recurrent layer that swaps the sizes of two axes."""
    for layer in model.layers:
        before, after = layer.input_shape or (), layer.output_shape or ()
        if layer.kind in RECURRENT:
            return None
        swaps = len(before) == 3 and before[1:] == after[:0:-1] and before[1] != before[2]
        if layer.kind == "Reshape" and swaps and None not in before[1:] and 1 not in before[1:]:
            return layer
    return None


def _reshaped_input(model: Model) -> Call | None:
    shape = [axis.value for axis in input_shape(model)]
    layers = [layer for layer in model.layers if layer.kind not in TRANSPARENT]
    if len(shape) != 2 or not layers or layers[0].kind != "Reshape" or len(set(shape)) < 2:
        return None
    target = [axis.value for axis in layers[0].get("target_shape").items]
    real = all(isinstance(size, int) and size > 1 for size in shape)
    recurrent = any(layer.kind in RECURRENT for layer in layers)
    return layers[0] if real and recurrent and target == shape[::-1] else None


def _permuted(layer: Call, script: Script) -> Edits:
    """Returns the edit that moves the axes where a Reshape cuts them."""
    source = getattr(layer.node, "func", None)
    written = None if source is None else script.lines[source.lineno - 1]
    if written is None or "Reshape(" not in written:
        return ()
    start = written[: written.index("Reshape(")].rpartition(" ")[2].lstrip("([")
    return replace_call(layer, script, f"{start}Permute((2, 1))")


def _shape(shape: tuple[int | None, ...] | None) -> str:
    return f"({', '.join(str(size) for size in (shape or ())[1:])})"
