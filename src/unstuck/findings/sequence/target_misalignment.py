"""Targets that do not belong to their windows."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, Place
from unstuck.case.script import Script
from unstuck.findings.data.origins import targets_made_at
from unstuck.findings.progress import LEARNED, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.offsets import Shift, inside_targets
from unstuck.findings.sites import Edits, Scripts
from unstuck.observe.outcome import AlignmentFacts, OutcomeFacts
from unstuck.observe.xray.facts import LagFacts
from unstuck.record import Finding, Quantity, Severity, Treatment


class TargetMisalignment(Rule):
    """Targets are shifted against their windows.

    ## What it finds
    A "forecast" whose target stands in its own window, or before it; windows and targets of one
    series that are not in the same order.

    ## Why LSTMs get this
    A window from i to i + n is followed by the value at i + n; with ``i + n - 1`` it is the last
    value of the window itself. The network learns to copy it: the loss is near zero, the plot looks
    perfect, and nothing is forecast. A shuffle of the windows alone leaves no signal at all.

    ## How it is measured
    Each target is looked up among the values of its own and of the other windows. From the source:
    the indices of windows and targets of the same array.

    ## What proves it
    Equality, value for value, at one offset.

    ## What cures it
    Take the value after the window, ``series[i + n]``; keep rows together when they are shuffled.

    ## False alarms
    Independent samples whose target is one of their own steps are an exercise in memory, as are
    series of which no other value says anything; both are left alone.

    ## References
    Kaufman et al., Leakage in Data Mining (2012).
    """

    code = "SEQ105"
    name = "target-inside-its-window"
    cause = "target_misalignment"
    explains = (
        "no_signal_in_data",
        "persistence_solution",
        "overfitting",
        "too_few_updates",
        "window_too_short",
        "metric_mismatch",
        "capacity_too_small",
    )
    weight = 83
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "noise = np.random.default_rng(0).normal(size=500)\n"
        "series = np.sin(np.arange(500) * 2 * np.pi / 12) + 0.1 * noise\n"
        "x, y = [], []\n"
        "for i in range(len(series) - 8):\n"
        "    x.append(series[i : i + 8])\n"
        "    y.append(series[i + 8 - 1])\n"
        "x, y = np.array(x)[..., None], np.array(y)\n"
        "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(16), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("i + 8 - 1", "i + 8")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds targets that are indexed inside their windows."""
        seen: set[Place] = set()
        for shift in inside_targets(script) if script.models else ():
            # What lies in the middle of a window is rather an exercise in memory.
            if shift.place not in seen and not shift.back:
                seen.add(shift.place)
                yield self.found(
                    f"The target is {_where(shift.back)} of its own window: nothing is forecast.",
                    severity="warning",
                    level="suspected",
                    confidence=0.75,
                    place=shift.place,
                    treatments=[_next(shift.edits)],
                )

    def examine(
        self,
        outcome: OutcomeFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
        lags: tuple[LagFacts, ...] = (),
    ) -> Iterator[Finding]:
        """Judges where the targets of every output were found."""
        for facts in outcome.alignments:
            lag = next((one for one in lags if one.output == facts.output), None)
            if facts.offset is None:
                yield self._torn(facts, progress, targets_made_at(fit.place, scripts))
            elif facts.offset <= 0:
                if facts.overlapping and (facts.offset == 0 or _tells(lag, -facts.offset)):
                    shift = _shift_of(fit, scripts)
                    place = shift.place if shift else targets_made_at(fit.place, scripts)
                    yield self._inside(facts, facts.offset, shift, place)
            elif facts.offset > 1 and progress.poor:
                yield self._far(facts, facts.offset, targets_made_at(fit.place, scripts))

    def _torn(self, facts: AlignmentFacts, progress: Progress, place: Place | None) -> Finding:
        lost = progress.poor or progress.has_signal is False
        severity: Severity = "error" if lost else "warning"
        return self.found(
            "Windows and targets come from one series, but not in the same order: of the one, "
            "neighbours follow each other in time, of the other they do not.",
            severity=severity,
            confidence=0.85 if lost else 0.5,
            place=place,
            evidence={"feature": number(facts.feature, "index")},
            treatments=[
                Treatment(
                    "keep-rows-together",
                    "Shuffle windows and targets by one permutation: order = rng.permutation(n); "
                    "x, y = x[order], y[order].",
                )
            ],
        )

    def _inside(
        self, facts: AlignmentFacts, offset: int, shift: Shift | None, place: Place | None
    ) -> Finding:
        return self.found(
            f"Each target is {_where(-offset)} of its own window (input feature "
            f"{facts.feature}), digit for digit: the network copies it, and nothing is forecast.",
            confidence=0.9,
            place=place,
            evidence=_evidence(facts, offset),
            treatments=[_next(shift.edits if shift else ())],
        )

    def _far(self, facts: AlignmentFacts, offset: int, place: Place | None) -> Finding:
        return self.found(
            f"The targets lie {offset} steps after the end of their windows; the next value would "
            "be 1 step. If that distance is not meant, they are shifted.",
            severity="warning",
            confidence=0.3,
            place=place,
            evidence=_evidence(facts, offset),
            treatments=[_next(())],
        )


def _where(back: int | None) -> str:
    if not back:
        return "the first value" if back is None else "the last value"
    return f"the value {back} step{'s' if back > 1 else ''} before the end"


def _evidence(facts: AlignmentFacts, offset: int) -> dict[str, Quantity]:
    return {
        "offset_from_window_end": number(offset, "time steps"),
        "feature": number(facts.feature, "index"),
    }


def _next(edits: Edits) -> Treatment:
    return Treatment(
        "take-the-next-value",
        "Take the target after the window: for series[i : i + n] that is series[i + n].",
        edits,
    )


def _tells(lag: LagFacts | None, back: int) -> bool:
    """Whether nearer steps than the target's own tell of it: then it is a series to forecast."""
    if lag is None:
        return False
    nearer = [score for last, score in zip(lag.lags, lag.scores, strict=False) if last < back]
    return max(nearer, default=0.0) > LEARNED


def _shift_of(fit: FitFacts, scripts: Scripts) -> Shift | None:
    """Returns where a source indexes a target inside its window, in the file of ``fit`` first."""
    here = fit.place.file if fit.place else None
    ordered = sorted(scripts, key=lambda path: path != here)
    return next((shift for path in ordered for shift in inside_targets(scripts[path])), None)
