"""Too few samples for what must be learned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from unstuck.case.facts import FitFacts
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.observe.rehearsals.facts import LearningCurve, RehearsalFacts
from unstuck.record import Finding, Treatment

FITTED = 0.5
"""Skill on the training data from which the network has learned those."""
KEPT = 0.5
"""Share of that skill below which it holds for the training data only."""
CLIMB = 0.2
"""Share of the variance that the curve must climb for it to be a steep one."""
LAST = 0.1
"""Share that the last enlargement of the data must still win: before that it has flattened."""
SURE = 2.0
"""Standard errors by which each must win; with 24 divisions that is rarely chance."""
STOPPED = 0.5
"""Share of the variance that the best epoch left unexplained, at least, on the validation data.
Where it explained more, stopping there is the answer, and more data only the better one."""


class InsufficientData(Rule):
    """Too few samples for what must be learned: more data would help, another model would not.

    ## What it finds
    A network that knows its training data and little of the rest at any of its epochs, where a
    closed-form model still gains steeply with each sample that it is given.

    ## Why LSTMs get this
    Windows, patients, machines: the sequences are long and there are few of them. Thirty sequences
    of twelve channels hold more numbers than rows; any network finds something among them that
    fits.

    ## How it is measured
    Kernel ridge regression, fitted on a quarter, a half and three quarters of the samples and
    asked for the others, in random divisions; where validation data are plenty and of the same
    kind, on as many as were trained on and on far more. The network's skill on training and
    validation data.

    ## What proves it
    The curve: a model that is as good as its data allow would lie flat.

    ## What cures it
    More sequences. Until then: fewer features, a smaller network, pre-training on similar data,
    cross-validation instead of one small validation set.

    ## False alarms
    A flat curve means noise, or another fault. Where the best epoch was good, overfitting is named
    instead.

    ## References
    Hestness et al., Deep Learning Scaling is Predictable, Empirically (2017).
    """

    code = "DAT110"
    name = "too-few-samples"
    cause = "insufficient_data"
    explains = (
        "overfitting",
        "capacity_too_large",
        "no_signal_in_data",
        "too_few_updates",
        "validation_split_unrepresentative",
    )
    weight = 35
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(1200, 2, 20))\n"
        "y = x.reshape(1200, -1) @ rng.normal(size=40) / 4\n"
        "few = 40\n"
        "model = keras.Sequential([keras.Input((2, 20)), layers.LSTM(16), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "held_out = (x[-200:], y[-200:])\n"
        "model.fit(x[:few], y[:few], validation_data=held_out, epochs=80, verbose=0)\n"
    )
    healthy = sick.replace("few = 40", "few = 1000").replace("epochs=80", "epochs=10")

    def examine(
        self, rehearsals: RehearsalFacts, progress: Progress, fit: FitFacts
    ) -> Iterator[Finding]:
        """Speaks where the training data are known, the rest is not, and the curve is steep."""
        curve, skill, held = rehearsals.curve, progress.skill, progress.validation_skill
        if curve is None or skill is None or held is None or progress.diverged:
            return
        if skill < FITTED or held >= KEPT * skill or not _steep(curve):
            return
        if max(held, progress.best_validation_skill or 0.0) > 1 - STOPPED:
            return
        yield self._finding(curve, progress, fit)

    def _finding(self, curve: LearningCurve, progress: Progress, fit: FitFacts) -> Finding:
        sizes = ", ".join(f"{size}" for size in curve.samples)
        scores = ", ".join(f"{max(score, 0):.0%}" for score in curve.scores)
        count = f"the {fit.samples} samples" if fit.samples else "the samples"
        return self.found(
            f"The network explains {count} and little of others (skill {progress.skill:.2f} and "
            f"{progress.validation_skill:.2f}). A closed-form model that is given {sizes} "
            f"samples explains {scores} of others: more data would help, and no other model.",
            confidence=0.75,
            place=fit.place,
            evidence={
                "samples": number(fit.samples, "samples"),
                "skill": number(progress.skill, "1"),
                "validation_skill": number(progress.validation_skill, "1"),
                "best_validation_skill": number(progress.best_validation_skill, "1"),
                **{
                    f"explained_by_control_of_{size}": number(score, "1")
                    for size, score in zip(curve.samples, curve.scores, strict=True)
                },
            },
            treatments=[
                Treatment(
                    "more-data",
                    "Get more sequences; until then fewer features, a smaller network, and "
                    "cross-validation.",
                )
            ],
        )


def _steep(curve: LearningCurve) -> bool:
    """Whether the curve climbs far, still does at its end, and nowhere by chance."""
    gains = [after - before for before, after in pairwise(curve.scores)]
    if sum(gains) <= CLIMB or gains[-1] <= LAST:
        return False
    return all(gain > SURE * error for gain, error in zip(gains, curve.errors, strict=True))
