"""Forecasts that come to rest when each is fed back as the next input."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts
from unstuck.case.script import Model, Script
from unstuck.findings.progress import LEARNED, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.rollouts import Rollout, rollouts
from unstuck.findings.sites import Scripts
from unstuck.observe.framing import RolloutFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.record import Finding, Severity, Treatment

AT_REST = 0.05
"""Spread of the late part of a rollout over that of the series from which a plot shows a line."""
QUANTITIES = ("mse", "mae", "mean_squared_error", "mean_absolute_error", "huber", "log_cosh")
"""Losses of forecasts; what a generator of classes feeds back is drawn by chance."""


class RecursiveRolloutFixedPoint(Rule):
    """One step ahead is fine; feeding predictions back converges to a constant.

    ## What it finds
    A forecast of the next step that is good, and that ends in a flat line when the script feeds
    each prediction back as the next input.

    ## Why LSTMs get this
    The mean squared error is lowest for the mean of what may follow, which is a little nearer to
    the mean of the series than the last value was. Fed back, that little adds up with every step;
    the network never saw its own answers while it trained.

    ## How it is measured
    After training the model is rolled out freely from windows of the sample. The spread within the
    last quarter is compared with that of the series, beside the skill of one step.

    ## What proves it
    Rollouts from different windows that stand still while the series goes on.

    ## What cures it
    Predict all steps at once, Dense(horizon) on targets of that length; or train on rollouts; or
    draw from a predicted distribution instead of feeding back its mean. Report errors by horizon.

    ## False alarms
    A series that is driven by chance has no better forecast far ahead than its mean. The score of
    one step says nothing of that horizon all the same. Scripts that do not feed back are left
    alone, and so are those that stop before the line is flat.

    ## References
    Bengio et al., Scheduled Sampling for Sequence Prediction (2015); Ben Taieb et al., A review and
    comparison of strategies for multi-step ahead forecasting (2012).
    """

    code = "SEQ108"
    name = "rollout-that-comes-to-rest"
    cause = "recursive_rollout_fixed_point"
    explains = ("metric_mismatch",)
    weight = 66
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "shocks = np.random.default_rng(0).normal(size=800)\n"
        "series = np.zeros(800)\n"
        "for t in range(2, 800):\n"
        "    series[t] = 1.7 * series[t - 1] - 0.9 * series[t - 2] + shocks[t]\n"
        "series = series / series.std()\n"
        "x = np.lib.stride_tricks.sliding_window_view(series[:-1], 8)[..., None]\n"
        "y = series[8:]\n"
        "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='mse')\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
        "window = list(series[-8:])\n"
        "for step in range(120):\n"
        "    last = np.reshape(window[-8:], (1, 8, 1))\n"
        "    window.append(float(model.predict_on_batch(last)[0, 0]))\n"
    )
    healthy = sick.partition("window = ")[0]

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Notes loops that feed forecasts back; whether they come to rest, only a run shows."""
        if any(_forecasts(model) for model in script.models):
            for loop in rollouts(script):
                yield self.found(
                    "The forecast is fed back as the next input. Of this the loss of one step says "
                    "nothing: the line may come to rest.",
                    severity="note",
                    level="suspected",
                    confidence=0.3,
                    place=loop.place,
                    treatments=[_DIRECT],
                )

    def examine(
        self, outcome: OutcomeFacts, progress: Progress, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges free rollouts of forecasts that are good for one step."""
        loops = [loop for script in scripts.values() for loop in rollouts(script)]
        # A source that shows no such loop says that nobody feeds anything back.
        if (scripts and not loops) or progress.diverged or (progress.skill or 0.0) < LEARNED:
            return
        for facts in outcome.rollouts:
            if facts.late < AT_REST:
                yield self._finding(facts, loops, progress, fit)

    def _finding(
        self, facts: RolloutFacts, loops: list[Rollout], progress: Progress, fit: FitFacts
    ) -> Finding:
        reaching = [loop for loop in loops if loop.steps is None or loop.steps > facts.settled]
        severity: Severity = "warning" if reaching else "note"
        return self.found(
            f"One step ahead the forecast has a skill of {progress.skill:.2f}; fed back, it comes "
            f"to rest after {facts.settled} steps: its spread is then {facts.late:.1%} of the "
            "series'.",
            severity=severity,
            confidence=0.85 if reaching else 0.5,
            place=(reaching or loops)[0].place if loops else fit.place,
            evidence={
                "skill_of_one_step": number(progress.skill, "1"),
                "spread_at_first": number(facts.early, "1"),
                "spread_at_last": number(facts.late, "1"),
                "settled_after": number(facts.settled, "steps"),
                "rests_at": number(facts.ends, "series units"),
            },
            treatments=[_DIRECT],
        )


_DIRECT = Treatment(
    "predict-all-steps",
    "Predict the whole horizon at once, Dense(horizon) on targets of that many steps, and report "
    "the error of each of them.",
)


def _forecasts(model: Model) -> bool:
    return model.loss is not None and model.loss.name in QUANTITIES
