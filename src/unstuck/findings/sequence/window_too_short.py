"""What decides the target lies before the window begins."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, ModelFacts
from unstuck.findings.evidence import Output
from unstuck.findings.progress import POOR_SHARE, STUCK_SKILL
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.windows import window_edits
from unstuck.findings.sites import Scripts
from unstuck.observe.xray.facts import LagFacts
from unstuck.record import Finding, Severity, Treatment

WORTH = 0.1
"""Share of the targets' variance that earlier steps must add, to be why a model is poor."""


class WindowTooShort(Rule):
    """What decides the target lies further back than the window reaches.

    ## What it finds
    Windows of one series whose targets earlier steps, outside of the window, would explain much
    better.

    ## Why LSTMs get this
    An LSTM starts every window with an empty state, whatever its memory. Eight hours of a series
    with a daily rhythm do not say what comes next, however long one trains.

    ## How it is measured
    Consecutive windows that overlap show the series that they were cut from. A closed-form control
    is given ever longer windows of it, beyond the user's own, and has to explain more of the
    targets out of sample than the window alone and than chance.

    ## What proves it
    The same run on longer windows. What the window does not hold no model can learn from it.

    ## What cures it
    A longer window; or the value of a season ago as a feature, or hour and weekday.

    ## False alarms
    A model that does as well as longer windows allow gets a note. Where more is missing that the
    window does hold, it is a warning. Shuffled windows do not show what came before them.

    ## References
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, on seasonal lags.
    """

    code = "SEQ102"
    name = "short-window"
    cause = "window_too_short"
    explains = (
        "persistence_solution",
        "no_signal_in_data",
        "too_few_updates",
        "capacity_too_small",
        "overfitting",
    )
    weight = 81
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "days = np.random.default_rng(0).normal(size=600)\n"
        "for day in range(7, 600):\n"
        "    days[day] += 0.9 * days[day - 7]\n"
        "window = 4\n"
        "x = np.lib.stride_tricks.sliding_window_view(days, window)[:-1, :, None]\n"
        "y = days[window:]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((window, 1)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("window = 4", "window = 7")

    def examine(
        self,
        lags: tuple[LagFacts, ...],
        model: ModelFacts,
        outputs: tuple[Output, ...],
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges what earlier steps would add by what the model lacks."""
        if any(layer.config.get("stateful") for layer in model.layers):
            return
        by_name = {output.name: output for output in outputs}
        for lag in lags:
            output = by_name.get(lag.output)
            reached = _reached(output) if output is not None else None
            if lag.beyond is None or lag.beyond_gain < STUCK_SKILL or reached is None:
                continue
            yield self._finding(lag, reached, model, fit, scripts)

    def _finding(
        self, lag: LagFacts, reached: float, model: ModelFacts, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        wanted = (lag.beyond or 0) + 1
        edits, place = window_edits(lag.window, wanted, model, fit, scripts)
        return self.found(
            f"The window holds {lag.window} steps, and what decides the target reaches back "
            f"{wanted}: the steps before the window would explain {lag.beyond_gain:.0%} more of "
            "its variance.",
            severity=_severity(lag, reached),
            confidence=0.85,
            place=place or model.place or fit.place,
            evidence={
                "window": number(lag.window, "time steps"),
                "wanted_window": number(wanted, "time steps"),
                "explained_by_window": number(lag.score, "1"),
                "added_by_earlier_steps": number(lag.beyond_gain, "1"),
                "explained_by_model": number(reached, "1"),
            },
            treatments=[
                Treatment(
                    "lengthen-window",
                    f"Cut windows of {wanted} steps or more, or add the value of a season ago as "
                    "a feature.",
                    edits,
                )
            ],
        )


def _severity(lag: LagFacts, reached: float) -> Severity:
    if reached >= POOR_SHARE * (lag.score + lag.beyond_gain):
        return "note"
    # What the window holds and the model missed has another reason.
    missed = lag.score - reached
    return "error" if lag.beyond_gain >= max(WORTH, missed) else "warning"


def _reached(output: Output) -> float | None:
    """Returns the share of the targets' variance that the model explains, not below zero."""
    train = output.train
    if train is None:
        return None
    found = [x for x in (train.predictions.explained, train.skill) if x is not None]
    return max([*found, 0.0]) if found else None
