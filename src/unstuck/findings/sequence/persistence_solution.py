"""Forecasts that repeat the last value."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, Place
from unstuck.findings.data.origins import targets_made_at
from unstuck.findings.evidence import Output
from unstuck.findings.optimization.budget import STILL_FALLING
from unstuck.findings.progress import LEARNED, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome
from unstuck.record import Finding, Severity, Treatment

NAIVE = 0.95
"""Loss over that of repeating the last value, from which a network has learned to repeat it. Of a
series with autocorrelation r the best forecast has (1 + r) / 2, so that 0.95 is r = 0.9."""
FITTED = 0.9
"""The same on the training data where the rest tells it as well: some of that is remembered."""
WORSE = 1.05
"""The same ratio up to which it is a repetition, where more is known to be there. Further off, and
at rest, the network has found neither that nor as much as the repetition: no error of its own."""
MORE = 0.9
"""Error of the control over that of the naive forecast below which there is more to be had."""
SQUARED = ("squared", "mse")
"""Losses whose ratio is one of variances; of others it is squared to become one."""


class PersistenceSolution(Rule):
    """The model repeats the last value: it is no better than the naive forecast.

    ## What it finds
    A forecast with a good-looking score whose loss is no lower than that of answering the last
    value of the window; the plotted forecast is the series, one step late.

    ## Why LSTMs get this
    In levels (prices, temperatures, loads by the minute) the last value explains nearly everything,
    and copying it is the first thing that is learned. An R2 of 0.98 then says little of a forecast.

    ## How it is measured
    The loss of the network, and of a closed-form control, against the loss of repeating the last
    value, where the targets are later values of the series, value for value.

    ## What proves it
    A naive forecast as good as the network, on the training data and on the rest.

    ## What cures it
    Predict changes or returns, from inputs that are changes; a longer horizon; other inputs. Report
    the score against the naive forecast. A random walk has nothing better to offer.

    ## False alarms
    Forecasts that beat the naive one by a twentieth; those still on their way to better ones.

    ## References
    Hyndman and Koehler, Another look at measures of forecast accuracy (2006), on scaled errors.
    """

    code = "SEQ104"
    name = "copy-of-the-last-value"
    cause = "persistence_solution"
    explains = ("metric_mismatch",)
    weight = 68
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "steps = np.random.default_rng(0).normal(size=600)\n"
        "series = np.cumsum(steps) / 10\n"
        "x = np.lib.stride_tricks.sliding_window_view(series[:-1], 6)[..., None]\n"
        "y = series[6:]\n"
        "model = keras.Sequential([keras.Input((6, 1)), layers.LSTM(16), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace(
        "np.cumsum(steps) / 10", "np.sin(np.arange(600) * 2 * np.pi / 12) + 0.1 * steps"
    )

    def examine(
        self,
        outcome: OutcomeFacts,
        outputs: tuple[Output, ...],
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares network, control and naive forecast of every output that is a forecast."""
        ahead = {one.output for one in outcome.alignments if (one.offset or 0) > 0}
        for output in outputs:
            train, held = output.train, output.validation
            if output.name not in ahead or train is None or progress.diverged:
                continue
            ratio, naive = _ratio(train), naive_skill(train)
            control = next((s.score for s in outcome.signal if s.output == output.name), None)
            if ratio is None or naive is None or (train.skill or 0) < LEARNED or naive < LEARNED:
                continue
            beyond = _ratio(held) if held is not None else None
            if ratio < NAIVE if beyond is None else ratio < FITTED or beyond < NAIVE:
                continue
            left = 1 - as_variance(naive, output.loss.name)
            more = control is not None and 1 - control < MORE * left
            if more and progress.falling >= STILL_FALLING:
                continue
            severity: Severity = "error" if more and ratio <= WORSE else "warning"
            place = targets_made_at(fit.place, scripts)
            yield self._finding(output, train, (ratio, control), severity, more, place)

    def _finding(
        self,
        output: Output,
        train: OutputOutcome,
        compared: tuple[float, float | None],
        severity: Severity,
        more: bool,
        place: Place | None,
    ) -> Finding:
        ratio, control = compared
        said = (
            f"while a closed-form model explains {control:.1%} of the variance"
            if more
            else "and no control does better: this series tells nothing beyond its last value"
        )
        return self.found(
            f"The forecast is no better than repeating the last value (loss {train.loss:.3g}, "
            f"repetition {train.naive_forecast:.3g}), {said}.",
            severity=severity,
            confidence=0.85,
            place=place,
            layer=output.head.layer,
            evidence={
                "loss": number(train.loss, "loss"),
                "loss_of_repetition": number(train.naive_forecast, "loss"),
                "loss_over_repetition": number(ratio, "1"),
                "explained_by_control": number(control, "1"),
            },
            treatments=[_CHANGES],
        )


_CHANGES = Treatment(
    "predict-changes",
    "Predict the change since the last value instead of the level, from changes as inputs, and "
    "report the loss over that of the naive forecast.",
)


def _ratio(result: OutputOutcome) -> float | None:
    """Returns the loss over that of the naive forecast, both from the perfect one up."""
    floor = result.perfect or 0.0
    if result.loss is None or result.naive_forecast is None or result.naive_forecast <= floor:
        return None
    return (result.loss - floor) / (result.naive_forecast - floor)


def naive_skill(result: OutputOutcome) -> float | None:
    """Returns the skill of the naive forecast."""
    if result.naive_forecast is None:
        return None
    return dataclasses.replace(result, loss=result.naive_forecast).skill


def as_variance(skill: float, loss: str) -> float:
    """Returns a skill as a share of the variance, whatever the loss."""
    if any(word in loss for word in SQUARED):
        return skill
    return 1 - (1 - skill) ** 2
