"""A time axis of length one."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
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
    explains = ("persistence_solution", "window_too_short", "too_few_updates", "lr_too_low")
    weight = 82
    sick = "x = series[:-1].reshape(-1, 1, 1); model.add(LSTM(16))"
    healthy = "x = windows(series, 24)[..., None]; model.add(LSTM(16))"

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        outputs: tuple[Output, ...],
        progress: Progress,
        fit: FitFacts,
    ) -> Iterator[Finding]:
        """Judges inputs with one step by what the model made of them."""
        layer = next((item for item in model.layers if item.kind in RECURRENT), None)
        single = [array for array in inputs if len(array.shape) == 3 and array.shape[1] == 1]
        if layer is None or not single or not _one_step(layer) or _stateful(model):
            return
        naive = _ratio_to_naive(outputs)
        low = progress.skill is not None and progress.skill < ENOUGH
        failing = progress.poor or low or (naive is not None and naive > NAIVE)
        yield self._finding(single[0], layer, naive, failing, fit)

    def _finding(
        self,
        array: ArrayFacts,
        layer: LayerFacts,
        naive: float | None,
        failing: bool,
        fit: FitFacts,
    ) -> Finding:
        return self.found(
            f"The input has shape {_shape(array)}: one time step, so {layer.name} never sees the "
            "past and its recurrent weights take no part.",
            severity="error" if failing else "warning",
            confidence=0.9 if failing else 0.6,
            place=layer.place or fit.place,
            layer=layer.name,
            evidence={
                "time_steps": number(1, "steps"),
                "features": number(array.shape[2], "features"),
                "loss_over_naive_forecast": number(naive, "1"),
            },
            treatments=[
                Treatment(
                    "cut-windows",
                    "Cut windows of consecutive rows, shape (samples, steps, features); where the "
                    "columns are the look-back, move them to the time axis: x.reshape(n, -1, 1).",
                )
            ],
        )


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
