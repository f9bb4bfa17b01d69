"""An unbounded activation in the cell, and a state that grew."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.findings.course import Course
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment

UNBOUNDED = (
    "relu",
    "elu",
    "selu",
    "gelu",
    "leaky_relu",
    "softplus",
    "exponential",
    "silu",
    "swish",
)
"""Activations that have no upper bound."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN")


class LstmReluActivation(Rule):
    """relu in the cell lets the state grow without bound, and it does here.

    ## What it finds
    A recurrent layer whose candidate and output activation has no upper bound, in a run whose
    loss or gradient jumped or ended as NaN.

    ## Why LSTMs get this
    ``activation="relu"`` is habit from Dense layers. In a cell the activation is applied at every
    step to a state that feeds back: tanh keeps h below 1, relu lets it grow by a factor at each
    step. It also costs the fused implementation on a GPU.

    ## How it is measured
    The layer's activation; jumps of the gradient norm against the run's own median; finiteness.

    ## What proves it
    The same run with tanh.

    ## What cures it
    ``activation="tanh"``, the default.

    ## False alarms
    relu cells that train: nothing is said.

    ## References
    Le, Jaitly and Hinton, A Simple Way to Initialize Recurrent Networks of ReLUs (2015).
    """

    code = "ACT101"
    name = "relu-in-the-cell"
    cause = "lstm_relu_activation"
    explains = ("exploding_gradients", "no_gradient_clipping", "dead_units", "sequence_too_long")
    weight = 65
    sick = "model.add(LSTM(64, activation='relu')); model.compile(Adam(0.01), 'mse')"
    healthy = "model.add(LSTM(64)); model.compile(Adam(0.01), 'mse')"

    def examine(self, model: ModelFacts, progress: Progress, course: Course) -> Iterator[Finding]:
        """Names the layer where the run shows that its state grew."""
        grew = progress.diverged or (course.spiking and progress.poor)
        guilty = [layer for layer in model.layers if _unbounded(layer)]
        if guilty and grew:
            yield self._finding(guilty[0], progress, course)

    def _finding(self, layer: LayerFacts, progress: Progress, course: Course) -> Finding:
        activation = layer.config.get("activation")
        seen = (
            f"the training stopped being finite at step {progress.first_nonfinite}"
            if progress.first_nonfinite is not None
            else f"the gradient norm jumped to {course.jump:.3g} times its median"
        )
        return self.found(
            f"{layer.name} uses {activation} inside its cell, where the state feeds back at every "
            f"step and nothing bounds it, and {seen}.",
            confidence=0.85,
            place=layer.place,
            layer=layer.name,
            evidence={
                "gradient_jump": number(course.jump, "times the median"),
                "first_nonfinite_step": number(progress.first_nonfinite, "step"),
            },
            treatments=[Treatment("tanh-cell", "Use activation='tanh', the default.")],
        )


def _unbounded(layer: LayerFacts) -> bool:
    return layer.kind in RECURRENT and layer.config.get("activation") in UNBOUNDED
