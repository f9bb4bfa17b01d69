"""A time axis of length one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Call, Model, Script, Value
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.reach import RECURRENT, first_recurrent
from unstuck.findings.sites import Scripts, input_shape
from unstuck.record import Finding, Treatment

ENOUGH = 0.5
"""Skill below which the one step holds less than half of what decides the target. What a model
could do with the past can't be measured from data that lack it."""
NAIVE = 0.9
"""A forecast whose loss is not a tenth below that of repeating the last value has learned only
to repeat it."""


class NoHistorySingleTimestep(Rule):
    """The time dimension is 1: the LSTM never sees the past.

    ## What it finds
    Input of shape (samples, 1, features) at a recurrent layer that does not carry its state.

    ## Why LSTMs get this
    ``reshape((n, 1, features))`` makes the shape error go away. What is left is a feed-forward
    layer with gates: h and c start at zero for every sample and are used once, so the recurrent
    weights never take part.

    ## How it is measured
    The shape of the input; the loss against the best constant and the naive forecast.

    ## What proves it
    With one step and a zero state the recurrent kernel is multiplied by zero.

    ## What cures it
    Windows: (samples, steps, features), or the look-back on the time axis instead of the
    feature axis.

    ## False alarms
    ``stateful=True`` carries the past from batch to batch. Where the columns of the one step hold
    all that is needed and the model learns, it is a warning.

    ## References
    Hochreiter and Schmidhuber, Long Short-Term Memory (1997).
    """

    code = "SEQ101"
    name = "one-time-step"
    cause = "no_history_single_timestep"
    explains = (
        "persistence_solution",
        "window_too_short",
        "no_signal_in_data",
        "too_few_updates",
        "lr_too_low",
    )
    weight = 82
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "events = np.random.default_rng(0).normal(size=600)\n"
        "series = np.convolve(events, np.ones(8) / 8, mode='valid')\n"
        "steps = 1\n"
        "x = np.lib.stride_tricks.sliding_window_view(events, 8)[:, ::-1][:, :steps, None]\n"
        "model = keras.Sequential([keras.Input((steps, 1)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, series, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("steps = 1", "steps = 8")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds models whose input has one step, by its shape or by the reshaping before it."""
        for model in script.models:
            layer = first_recurrent(model)
            if layer is None or not _starts_empty(model):
                continue
            shape = input_shape(model)
            steps = shape[0] if len(shape) == 2 else None
            if steps is None or not isinstance(steps.value, int):
                place = None if shape and len(shape) != 2 else _one_step_reshape(script)
            else:
                place = (steps.place or layer.place) if steps.value == 1 else None
            if place is not None:
                alone = len(shape) == 2 and shape[1].value == 1
                yield self._suspected(layer, place, alone)

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        outputs: tuple[Output, ...],
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges inputs with one step by what the model made of them."""
        layer = next((item for item in model.layers if item.kind in RECURRENT), None)
        single = [array for array in inputs if len(array.shape) == 3 and array.shape[1] == 1]
        if layer is None or not single or not _one_step(layer) or _stateful(model):
            return
        naive = _ratio_to_naive(outputs)
        low = progress.skill is not None and progress.skill < ENOUGH
        failing = progress.poor or low or (naive is not None and naive > NAIVE)
        place = _written(model, scripts) or layer.place or fit.place
        yield self._finding(single[0], layer, naive, failing, place)

    def _finding(
        self,
        array: ArrayFacts,
        layer: LayerFacts,
        naive: float | None,
        failing: bool,
        place: Place | None,
    ) -> Finding:
        return self.found(
            f"The input has shape {_shape(array)}: one time step, so {layer.name} never sees the "
            "past and its recurrent weights take no part.",
            severity="error" if failing else "warning",
            confidence=0.9 if failing else 0.6,
            place=place,
            layer=layer.name,
            evidence={
                "time_steps": number(1, "steps"),
                "features": number(array.shape[2], "features"),
                "loss_over_naive_forecast": number(naive, "1"),
            },
            treatments=[_WINDOWS],
        )

    def _suspected(self, layer: Call, place: Place, alone: bool) -> Finding:
        return self.found(
            f"The input of the {layer.kind} has one time step, so it never sees the past and its "
            "recurrent weights take no part.",
            # Where a row has several columns, they may hold all that is needed.
            severity="warning" if alone else "note",
            level="suspected",
            confidence=0.7 if alone else 0.4,
            place=place,
            evidence={"time_steps": number(1, "steps")},
            treatments=[_WINDOWS],
        )


_WINDOWS = Treatment(
    "cut-windows",
    "Cut windows of consecutive rows, shape (samples, steps, features); where the columns are the "
    "look-back, move them to the time axis: x.reshape(n, -1, 1).",
)


def _starts_empty(model: Model) -> bool:
    """Whether every recurrent layer starts from zero: no state is carried or handed over."""
    for layer in model.layers:
        if layer.kind not in RECURRENT:
            continue
        carried = [layer.get(name, False).value for name in ("stateful", "return_state")]
        handed = "initial_state" in layer.arguments or len(layer.inputs) > 1
        if carried != [False, False] or handed:
            return False
    return True


def _one_step_reshape(script: Script) -> Place | None:
    """Returns where the script gives arrays a time axis of one step, None if it gives others."""
    shapes = [shape for node in script.nodes(ast.Call) if (shape := _target(node)) is not None]
    places = [Place(script.path, shape[1].lineno) for shape in shapes if _is_one(shape[1], script)]
    return places[0] if places and len(places) == len(shapes) else None


def _target(node: ast.AST) -> list[ast.expr] | None:
    """Returns the axes that ``reshape`` makes of an array, if they are three."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr != "reshape":
        return None
    shape = node.args[-1] if node.args else None
    axes = shape.elts if isinstance(shape, ast.Tuple | ast.List) else node.args
    return list(axes) if len(axes) == 3 else None


def _is_one(axis: ast.expr, script: Script) -> bool:
    if isinstance(axis, ast.Constant):
        return bool(axis.value == 1)
    known = script.names.get(axis.id) if isinstance(axis, ast.Name) else None
    return known is not None and known.value == 1


def _written(model: ModelFacts, scripts: Scripts) -> Place | None:
    """Returns where the source says that there is one step: the constant, or the reshaping."""
    places = (model.place, *(layer.place for layer in model.layers))
    for path in dict.fromkeys(place.file for place in places if place is not None):
        script = scripts.get(path)
        for source in script.models if script is not None else ():
            shape: tuple[Value, ...] = input_shape(source)
            if len(shape) == 2 and shape[0].value == 1 and shape[0].place is not None:
                return shape[0].place
        if script is not None and (reshaped := _one_step_reshape(script)) is not None:
            return reshaped
    return None


def _one_step(layer: LayerFacts) -> bool:
    return (
        layer.input_shape is None or len(layer.input_shape) < 2 or layer.input_shape[1] in (1, None)
    )


def _stateful(model: ModelFacts) -> bool:
    return any(layer.config.get("stateful") for layer in model.layers)


def _ratio_to_naive(outputs: tuple[Output, ...]) -> float | None:
    for output in outputs:
        if output.train and output.train.loss is not None and output.train.naive_forecast:
            return output.train.loss / output.train.naive_forecast
    return None


def _shape(array: ArrayFacts) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in array.shape)})"
