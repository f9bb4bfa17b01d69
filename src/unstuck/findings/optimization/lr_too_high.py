"""Steps that overshoot."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.case.reading.contract import RECURRENT
from unstuck.case.reading.values import LAYER_PATHS
from unstuck.case.script import Call, Model, Script
from unstuck.findings.course import USUAL_RATE, Course
from unstuck.findings.optimization.budget import LEAP
from unstuck.findings.optimization.choice import Choice, choice_at, choices
from unstuck.findings.optimization.tried import better_rate, told
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, stuck_since
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import Finding, Severity, Treatment

STRIDE = 0.15
"""Update over weight norm in the first steps from which a step is a leap: Adam at its usual 0.001
moves Glorot weights by about 1 % a step, so this is some fifteen times that; after seven such
steps nothing is left of the initialization."""
HIGH = 10.0
"""Times the usual rate from which a rate is called high on its own: an order of magnitude."""
BLOWN = 8.0
"""Growth of the weights beyond which the gates are far out in saturation: kernels of norm ~8 give
z of about 4 even to standardized inputs."""
LOST = 0.5
"""Share of the loss's fall that was lost again."""
DOUBTFUL = 30.0
"""Times the usual rate from which the source alone is worth a warning: ten times is what many
small models stand."""
HOPELESS = 100.0
"""Times the usual rate from which the source alone decides: Adam at 0.1 moves each weight by up to
0.1 a step, which is what Glorot's initialization gives a weight of a layer of 64 units."""


class LrTooHigh(Rule):
    """Steps overshoot: the loss rises, jumps or stays at the constant predictor.

    ## What it finds
    A run that fails or loses what it had won while each step replaces a large part of the
    weights.

    ## Why LSTMs get this
    The recurrent kernel is applied at every step of the sequence, so an error in it is amplified
    along the way, and one leap is enough to push the gates into saturation, where no gradient
    leads back: the loss then sits at the constant predictor as if nothing could be learned.

    ## How it is measured
    Norm of the update over norm of the weights in the first steps; growth of the weights; the
    rate against the one usual for the optimizer; the course of the loss; gates that were free
    before the first step and are stuck at the end. Short trainings of copies at other rates.

    ## What proves it
    The same run with a tenth of the rate.

    ## What cures it
    A smaller rate, to begin with the optimizer's default; clipping and warm-up help to hold it.

    ## False alarms
    A high rate that works is left alone.

    ## References
    Bengio, Practical Recommendations for Gradient-Based Training of Deep Architectures (2012).
    """

    code = "OPT101"
    name = "learning-rate-too-high"
    cause = "lr_too_high"
    explains = (
        "exploding_gradients",
        "saturated_gates",
        "dead_units",
        "no_gradient_clipping",
        "class_imbalance",
        "no_lr_schedule",
    )
    weight = 60
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.5), loss='mse')\n"
        "model.fit(x, y, epochs=10, verbose=0)\n"
    )
    healthy = sick.replace("Adam(0.5)", "Adam(0.01)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds constant rates far above the usual one."""
        for model, choice in choices(script):
            severity = _severity(choice)
            if severity is not None:
                yield self._suspected(choice, "note" if _feeds_forward(model) else severity)

    def examine(
        self,
        compiled: CompileFacts,
        progress: Progress,
        course: Course,
        scripts: Scripts,
        xrays: XRays = (),
        rehearsals: RehearsalFacts | None = None,
    ) -> Iterator[Finding]:
        """Judges the step size only where something went wrong."""
        # Plain SGD knows no bound on its step: there only the step that was made counts.
        leaping = (course.early_ratio or 0) >= STRIDE or (course.growth or 0) >= BLOWN
        high = (course.rate_ratio or 0) >= HIGH
        # Where weights leap at a high rate, a loss that still falls is no sign of health.
        settled = progress.falling == 0 or course.rise >= LOST or (leaping and high)
        # So are gates that were free and have been pushed to their ends since.
        short = progress.poor and progress.has_signal is not False
        jammed = high and short and stuck_since(xrays) is not None
        wrong = progress.failing or (progress.poor and settled) or jammed
        striding = progress.diverged or course.rise >= LOST or (course.early_ratio or 0) >= LEAP
        # From the same weights and with the same batches, a lower rate learned and this one didn't.
        lower = better_rate(rehearsals, course.rate, progress, up=False) if wrong else None
        if lower is None and better_rate(rehearsals, course.rate, progress, up=True) is not None:
            return
        if wrong and (leaping or (high and striding) or jammed or lower is not None):
            choice = choice_at(compiled, scripts)
            sure = (leaping and high) or jammed or lower is not None
            yield self._finding(compiled, progress, course, choice, sure, lower)

    def _finding(
        self,
        compiled: CompileFacts,
        progress: Progress,
        course: Course,
        choice: Choice | None,
        sure: bool,
        lower: Rehearsal | None,
    ) -> Finding:
        suggestion = min(course.usual or 1e-3, (course.rate or 1e-2) / 10)
        suggestion = suggestion if lower is None else lower.rate
        return self.found(
            f"{course.optimizer} with a learning rate of {course.rate:g} changes the weights by "
            f"{course.early_ratio or 0:.0%} at each of the first steps and the loss "
            + ("is no longer finite" if progress.diverged else _course_of_loss(progress))
            + f": try {suggestion:g}.",
            # A rate at or below the usual one that leaps is more often a fault of scale, and a
            # spike at about the usual rate is the gradient's own.
            severity="error"
            if sure or ((course.rate_ratio or 0) > 1 and not course.struck_by_a_spike)
            else "warning",
            confidence=0.9 if sure else 0.6,
            place=(choice.rate_place if choice else None) or compiled.place,
            evidence={
                "learning_rate": number(course.rate, "1/step"),
                "usual_rate": number(course.usual, "1/step"),
                "update_over_weights": number(course.early_ratio, "1/step"),
                "weight_growth": number(course.growth, "1"),
                **({} if lower is None else told(lower, "trial_at_lower_rate")),
            },
            treatments=[_lower(suggestion, choice)],
        )

    def _suspected(self, choice: Choice, severity: Severity) -> Finding:
        usual = USUAL_RATE[choice.kind]
        bounded = (
            ", and it moves a weight by about that much at each step"
            if choice.kind != "SGD"
            else ""
        )
        return self.found(
            f"{choice.kind} gets a learning rate of {choice.rate:g}, {choice.ratio:,.0f} times its "
            f"usual {usual:g}{bounded}.",
            severity=severity,
            level="suspected",
            confidence={"error": 0.85, "warning": 0.6}.get(severity, 0.3),
            place=choice.rate_place,
            evidence={
                "learning_rate": number(choice.rate, "1/step"),
                "usual_rate": number(usual, "1/step"),
            },
            treatments=[_lower(usual, choice)],
        )


def _lower(rate: float, choice: Choice | None) -> Treatment:
    edits = choice.rated(rate) if choice is not None else ()
    return Treatment("lower-rate", f"Use a learning rate of {rate:g}.", edits)


def _severity(choice: Choice) -> Severity | None:
    """Judges a rate by the source alone, None where it is within what models stand."""
    if choice.ratio is None or not choice.given:
        return None
    # The step of plain SGD is that of the gradient: a rate of 1 suits a small one.
    if choice.kind == "SGD":
        return "warning" if _times(choice.ratio) > HOPELESS else None
    if _times(choice.ratio) >= HOPELESS:
        return "error"
    if _times(choice.ratio) >= DOUBTFUL:
        return "warning"
    return "note" if _times(choice.ratio) > HIGH else None


def _feeds_forward(model: Model) -> bool:
    """Whether all layers are known and none is recurrent: a line is fitted at any rate."""
    return bool(model.layers) and all(
        layer.path.startswith(LAYER_PATHS) and layer.definition is None and not _recurs(layer)
        for layer in model.layers
    )


def _recurs(layer: Call) -> bool:
    return layer.kind in RECURRENT or layer.kind == "RNN"


def _times(ratio: float) -> float:
    # 0.1 / 0.001 is a hair off 100.
    return round(ratio, 6)


def _course_of_loss(progress: Progress) -> str:
    if progress.start is None or progress.end is None:
        return "does not settle"
    return f"went from {progress.start:.4g} to {progress.end:.4g}"
