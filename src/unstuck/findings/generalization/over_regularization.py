"""Dropout or weight penalties that leave nothing to learn with."""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Script
from unstuck.findings.evidence import Output
from unstuck.findings.generalization.strength import (
    chained,
    penalty_of,
    rates_of,
    shrunk_by_penalty,
    written_rates,
)
from unstuck.findings.progress import SIGNAL_MARGIN, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, option_edit, option_place
from unstuck.record import Finding, Quantity, Severity, Treatment

KEPT = 0.2
"""Share of a signal that passes all dropouts one after the other, below which little of a sample is
left: two of 0.5 keep 0.25, two of 0.6 keep 0.16."""
SHRUNK = 0.5
"""Weights under a penalty over their initial norm, below which the penalty has decided the
training: learning lets weights grow."""
MILD = 0.2
"""The rate that a dropout is set to: the usual one behind a recurrent layer."""


class OverRegularization(Rule):
    """Dropout or weight penalties leave nothing to learn with.

    ## What it finds
    A network that underfits its own training data, where its dropouts together let less than a
    fifth of the signal pass, or where a penalty has shrunk its weights to less than half.

    ## Why LSTMs get this
    Against overfitting, rates are raised layer by layer: 0.5 in the cell, 0.5 on its state, 0.5
    behind it. What passes is the product. A penalty of 0.01 on a kernel with a squared norm of 100
    costs 1, which is all that there is to gain with standardized targets.

    ## How it is measured
    The product of what each dropout keeps; the norms of penalized weights at the end over those at
    the start; the training data's skill against that of a closed-form control.

    ## What proves it
    The same run without them.

    ## What cures it
    One dropout of 0.2 behind the last recurrent layer, penalties of 0.0001 or none, until the
    network fits its training data; early stopping first against overfitting.

    ## False alarms
    Strong regularization of a network that learns is left alone.

    ## References
    Srivastava et al., Dropout (2014); Gal and Ghahramani, Dropout in Recurrent Networks (2016).
    """

    code = "GEN102"
    name = "too-much-regularization"
    cause = "over_regularization"
    explains = (
        "capacity_too_small",
        "too_few_updates",
        "class_imbalance",
        "lr_too_low",
        "exploding_gradients",
    )
    weight = 45
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "y = 4 * x.mean(axis=(1, 2))\n"
        "rate = 0.95\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(16, dropout=rate),\n"
        "    layers.Dropout(rate),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("rate = 0.95", "rate = 0.1")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds models whose dropouts together let next to nothing pass."""
        for model in script.models:
            rates = [(layer, rate) for layer in model.layers for rate in written_rates(layer)]
            kept = math.prod(1 - rate for _, rate in rates)
            if rates and kept < KEPT / 2 and chained(model):
                strongest = max(rates, key=lambda pair: pair[1])[0]
                yield self.found(
                    f"The dropouts of this model let {kept:.0%} of a signal pass, one after the "
                    "other.",
                    severity="note",
                    level="suspected",
                    confidence=0.5,
                    place=strongest.place,
                    evidence={"share_kept": number(kept, "1")},
                    treatments=[_LESS],
                )

    def examine(
        self,
        model: ModelFacts,
        progress: Progress,
        steps: StepSeries,
        outputs: tuple[Output, ...],
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges networks that underfit although there is a signal."""
        if not progress.poor or progress.diverged or progress.has_signal is False:
            return
        signal, explained = progress.signal, progress.explained
        if signal is not None and explained is not None and signal <= explained + SIGNAL_MARGIN:
            return
        severity: Severity = "error" if progress.failing else "warning"
        rates = [(layer, name, rate) for layer in model.layers for name, rate in rates_of(layer)]
        kept = math.prod(1 - rate for _, _, rate in rates)
        if rates and kept <= KEPT:
            yield self._dropout(rates, kept, severity, progress, fit, scripts)
        shrunk = shrunk_by_penalty(model, steps)
        if shrunk is not None and shrunk[1] < SHRUNK:
            place = option_place(shrunk[0], scripts, penalty_of(shrunk[0])) or fit.place
            yield self._penalty(*shrunk, severity, outputs, progress, place)

    def _dropout(
        self,
        rates: list[tuple[LayerFacts, str, float]],
        kept: float,
        severity: Severity,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        layer, option, rate = max(rates, key=lambda item: item[2])
        listed = ", ".join(f"{one.name} {rate:g}" for one, _, rate in rates)
        return self.found(
            f"The dropouts ({listed}) let {kept:.0%} of a signal pass one after the other, and the "
            f"network explains {_explained(progress):.0%} of its own training data.",
            severity=severity,
            confidence=0.8,
            place=option_place(layer, scripts, option) or fit.place,
            layer=layer.name,
            evidence={
                "share_kept": number(kept, "1"),
                "strongest_rate": number(rate, "1"),
                **_fitted(progress),
            },
            treatments=[_less(option_edit(layer, scripts, option, f"{MILD}"))],
        )

    def _penalty(
        self,
        layer: LayerFacts,
        ratio: float,
        severity: Severity,
        outputs: tuple[Output, ...],
        progress: Progress,
        place: Place | None,
    ) -> Finding:
        losses = [output.train.loss for output in outputs if output.train]
        data = sum(loss for loss in losses if loss is not None)
        return self.found(
            f"The penalty on the weights of {layer.name} has shrunk them to {ratio:.0%} of their "
            f"initial norm, and the network explains {_explained(progress):.0%} of its own "
            "training data.",
            severity=severity,
            confidence=0.8,
            place=place,
            layer=layer.name,
            evidence={
                "weights_left": number(ratio, "initial norms"),
                "loss_with_penalty": number(progress.end, "loss"),
                "loss_of_the_data": number(data, "loss"),
                **_fitted(progress),
            },
            treatments=[_LESS],
        )


def _less(edits: Edits) -> Treatment:
    return Treatment(
        "less-regularization",
        "Take regularization away until the network fits its training data, then add the least "
        f"that helps on the rest: one dropout of {MILD:g}, or a penalty of 0.0001.",
        edits,
    )


_LESS = _less(())


def _explained(progress: Progress) -> float:
    return max(progress.explained or 0.0, 0.0)


def _fitted(progress: Progress) -> dict[str, Quantity]:
    return {
        "explained_of_training_data": number(progress.explained, "1"),
        "explained_by_control": number(progress.signal, "1"),
    }
