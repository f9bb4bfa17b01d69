"""An unbounded activation in the cell, and a state that grew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Model, Script, activation_name
from unstuck.findings.course import SPIKE, Course
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, growth
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, argument_edit, input_shape, option_edit
from unstuck.record import Finding, Severity, Treatment

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
CELLS = (*RECURRENT, "LSTMCell", "GRUCell", "SimpleRNNCell")
GREW = 10.0
"""Growth of the carried state over a sequence that bounded activations don't give: a state that
adds up grows with the square root of the steps, by ten over a hundred of them at most."""
SHORT = 30
"""Time steps up to which the source alone is worth a note only: a state that grows by a tenth at
each step is then 17 times what it was, which training can still bear."""


class LstmReluActivation(Rule):
    """relu in the cell lets the state grow without bound, and it does here.

    ## What it finds
    A recurrent layer whose candidate and output activation has no upper bound, in a run whose
    state was seen to grow, whose loss or gradient jumped, or that ended as NaN.

    ## Why LSTMs get this
    ``activation="relu"`` is habit from Dense layers. In a cell the activation is applied at every
    step to a state that feeds back: tanh keeps h below 1, relu lets it grow by a factor at each
    step. It also costs the fused implementation on a GPU.

    ## How it is measured
    The layer's activation; how much larger the state is at the end of a sequence than at its start,
    also in the middle of training; jumps of the gradient norm against the run's own median;
    finiteness.

    ## What proves it
    The same run with tanh.

    ## What cures it
    ``activation="tanh"``, the default.

    ## False alarms
    relu cells that train: nothing is said. Where the run fails but no state was seen to grow, it is
    a warning.

    ## References
    Le, Jaitly and Hinton, A Simple Way to Initialize Recurrent Networks of ReLUs (2015).
    """

    code = "ACT101"
    name = "relu-in-the-cell"
    cause = "lstm_relu_activation"
    explains = (
        "exploding_gradients",
        "no_gradient_clipping",
        "dead_units",
        "saturated_gates",
        "sequence_too_long",
    )
    weight = 65
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 100, 2))\n"
        "y = x[:, -20:, 0].sum(axis=1) / 4\n"
        "model = keras.Sequential([\n"
        "    keras.Input((100, 2)),\n"
        "    layers.LSTM(16, activation='relu'),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=12, verbose=0)\n"
    )
    healthy = sick.replace("relu", "tanh")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds recurrent layers with such an activation."""
        steps = {
            layer: length for model in script.models for layer, length in _steps(model).items()
        }
        for layer in script.layers():
            activation = activation_name(layer.get("activation", "tanh"))
            if layer.kind in CELLS and activation in UNBOUNDED:
                yield self._suspected(layer, activation, steps.get(layer), script)

    def examine(
        self,
        model: ModelFacts,
        progress: Progress,
        course: Course,
        scripts: Scripts,
        steps: StepSeries | None = None,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Names the layer where the run shows that its state grew."""
        guilty = [layer for layer in model.layers if _unbounded(layer)]
        if not guilty or not progress.poor:
            return
        grown = {layer.name: growth(layer, xrays, model) for layer in guilty}
        grew = [layer for layer in guilty if (grown[layer.name] or 0) >= GREW]
        peak = _peak(steps)
        jumped = progress.diverged or course.spiking or (peak or 0) >= SPIKE
        layer = (grew or guilty)[0]
        edits = option_edit(layer, scripts, "activation", '"tanh"')
        if grew or jumped:
            yield self._finding(layer, grown[layer.name], progress, peak, edits)
        elif _many_steps(layer):
            yield self._doubted(layer, edits)

    def _finding(
        self,
        layer: LayerFacts,
        grown: float | None,
        progress: Progress,
        peak: float | None,
        edits: Edits,
    ) -> Finding:
        activation = layer.config.get("activation")
        seen = (
            f"its state grew {grown:,.0f} times over a sequence"
            if (grown or 0) >= GREW
            else f"the training stopped being finite at step {progress.first_nonfinite}"
            if progress.first_nonfinite is not None
            else f"the gradient norm jumped to {peak or 0:.3g} times its median"
        )
        return self.found(
            f"{layer.name} uses {activation} inside its cell, where the state feeds back at every "
            f"step and nothing bounds it, and {seen}.",
            confidence=0.95 if (grown or 0) >= GREW else 0.85,
            place=layer.place,
            layer=layer.name,
            evidence={
                "state_growth": number(grown, "1"),
                "gradient_jump": number(peak, "times the median"),
                "first_nonfinite_step": number(progress.first_nonfinite, "step"),
            },
            treatments=[_tanh(edits)],
        )

    def _doubted(self, layer: LayerFacts, edits: Edits) -> Finding:
        return self.found(
            f"{layer.name} uses {layer.config.get('activation')} inside its cell, where the state "
            "feeds back at every step and nothing bounds it, and the run does not learn.",
            severity="warning",
            confidence=0.4,
            place=layer.place,
            layer=layer.name,
            treatments=[_tanh(edits)],
        )

    def _suspected(
        self, layer: Call, activation: str, steps: int | None, script: Script
    ) -> Finding:
        short = steps is not None and steps <= SHORT
        # Le, Jaitly and Hinton (2015): from the identity on, relu keeps a state as it is.
        kept = (layer.get("recurrent_initializer").name or "").lower() == "identity"
        severity: Severity = "note" if short or kept else "warning"
        return self.found(
            f"{layer.kind} uses {activation} inside its cell, where the state feeds back at every "
            "step and nothing bounds it.",
            severity=severity,
            level="suspected",
            confidence=0.5 if severity == "warning" else 0.3,
            place=layer.get("activation").place or layer.place,
            evidence={"time_steps": number(steps, "time steps")},
            treatments=[_tanh(argument_edit(layer, script, "activation", '"tanh"'))],
        )


def _peak(steps: StepSeries | None) -> float | None:
    """Returns the largest gradient norm behind the first step over the median of all.

    Early ones count as well: Adam divides by them for hundreds of steps, and stands still.
    """
    if steps is None or len(steps.index) < 2:
        return None
    norms = steps.total("gradient_norm")
    finite = norms[np.isfinite(norms) & (norms > 0)]
    return float(finite[1:].max() / np.median(finite)) if len(finite) > 1 else None


def _tanh(edits: Edits) -> Treatment:
    return Treatment("tanh-cell", "Use activation='tanh', the default.", edits)


def _steps(model: Model) -> dict[Call, int]:
    """Returns the time steps of the model's layers, where its only input tells them."""
    shape = input_shape(model)
    known = shape[0].value if shape else None
    return dict.fromkeys(model.layers, known) if isinstance(known, int) else {}


def _many_steps(layer: LayerFacts) -> bool:
    steps = layer.input_shape[1] if layer.input_shape and len(layer.input_shape) > 1 else None
    return steps is None or steps > SHORT


def _unbounded(layer: LayerFacts) -> bool:
    return layer.kind in RECURRENT and layer.config.get("activation") in UNBOUNDED
