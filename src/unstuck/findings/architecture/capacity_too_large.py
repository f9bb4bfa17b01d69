"""A network far larger than its data."""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, ModelFacts
from unstuck.findings.architecture.widths import recurrent_layers
from unstuck.findings.evidence import Output
from unstuck.findings.progress import LEARNED, Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment

TIMES = 10.0
"""Weights for each target value from which all are easily remembered: a weight holds some bits."""
KEPT = 0.5
"""Share of the training data's skill that must be found on the rest."""


class CapacityTooLarge(Rule):
    """The network is far larger than the data support.

    ## What it finds
    Ten weights or more for each target value in a network that knows its training data and finds
    less than half of that on the rest, less than a closed-form model does.

    ## Why LSTMs get this
    Weights grow with the square of the units: 128 units have 66,000 recurrent weights, and a
    tutorial's two layers of 128 are put on two hundred sequences.

    ## How it is measured
    Trainable weights over target values; the skill on the training and on the validation data; what
    a closed-form model explains out of sample.

    ## What proves it
    The same run with a quarter of the units.

    ## What cures it
    Fewer units and layers, early stopping, more data.

    ## False alarms
    Large networks that generalize, as most do: size alone is never named.

    ## References
    Zhang et al., Understanding deep learning requires rethinking generalization (2017).
    """

    code = "ARC102"
    name = "more-weights-than-data"
    cause = "capacity_too_large"
    weight = 22
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(200, 10, 2))\n"
        "y = 3 * x[:, :, 0].mean(axis=1) + rng.normal(size=200)\n"
        "units = 64\n"
        "model = keras.Sequential([keras.Input((10, 2)), layers.LSTM(units), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "held_out = (x[100:], y[100:])\n"
        "model.fit(x[:100], y[:100], validation_data=held_out, epochs=60, verbose=0)\n"
    )
    healthy = sick.replace("+ rng.normal(size=200)", "+ 0.1 * rng.normal(size=200)").replace(
        "units = 64", "units = 8"
    )

    def examine(
        self, model: ModelFacts, outputs: tuple[Output, ...], progress: Progress, fit: FitFacts
    ) -> Iterator[Finding]:
        """Compares size and data where the training data alone were learned."""
        layers = recurrent_layers(model)
        values = _target_values(outputs, fit)
        if not layers or not values or progress.diverged:
            return
        skill, held = progress.skill, progress.validation_skill
        if skill is None or held is None or skill < LEARNED or held > KEPT * skill:
            return
        # Where the control finds no more on the rest, it is the data that are too few.
        more = progress.has_signal and progress.signal is not None and progress.signal > held
        share = model.trainable_parameters / values
        if share < TIMES or not more:
            return
        widest = max(layers, key=lambda layer: layer.parameters)
        yield self.found(
            f"{model.trainable_parameters:,} weights learn {values:,} target values, {share:.0f} "
            f"for each: the skill is {skill:.2f} on the training data and {held:.2f} on the rest.",
            severity="warning",
            confidence=0.5,
            place=widest.place or fit.place,
            layer=widest.name,
            evidence={
                "weights": number(model.trainable_parameters, "weights"),
                "target_values": number(values, "values"),
                "skill": number(skill, "1"),
                "validation_skill": number(held, "1"),
                "explained_by_control": number(progress.signal, "1"),
            },
            treatments=[
                Treatment(
                    "fewer-units",
                    "Use a quarter of the units and one recurrent layer, with EarlyStopping.",
                )
            ],
        )


def _target_values(outputs: tuple[Output, ...], fit: FitFacts) -> int:
    """Returns how many target values there are to learn; a class counts as one."""
    total = 0
    for output in outputs:
        if output.target is None or fit.samples is None:
            return 0
        shape = [size or 1 for size in output.target.shape[1:]]
        hot = "crossentropy" in output.loss.name and output.target.one_hot
        total += fit.samples * math.prod(shape[:-1] if hot else shape)
    return total
