"""Batches so small that their noise is larger than what they say."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts
from unstuck.case.script import Script
from unstuck.findings.course import Course
from unstuck.findings.optimization.restless import DECISIVE, USUAL, Unrest, unrest
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, argument_edit, call_at
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.record import Finding, Treatment


class BatchSizeTooSmall(Rule):
    """Gradient noise drowns the gradient.

    ## What it finds
    A run with batches of a few samples that gets much lower when it goes on from its last weights
    with batches eight times as large.

    ## Why LSTMs get this
    ``batch_size=1`` comes with tutorials of stateful LSTMs. The gradient of one sequence points
    where that sequence would be fitted; with a rate made for batches of 32 the weights jump from
    one sample to the next and never stay where all are served.

    ## How it is measured
    Copies go on from the final weights and the optimizer's state with other batches: as it was,
    with batches eight times as large, and with a tenth of the rate. Of rate and batch, what is
    further from the usual is named.

    ## What proves it
    The same run with larger batches.

    ## What cures it
    Batches of 32; where they must be small, a lower rate.

    ## False alarms
    Small batches that settle are left alone.

    ## References
    McCandlish et al., An Empirical Model of Large-Batch Training (2018).
    """

    code = "OPT108"
    name = "noisy-batches"
    cause = "batch_size_too_small"
    explains = (
        "no_lr_schedule",
        "lr_too_high",
        "exploding_gradients",
        "no_gradient_clipping",
        "too_few_updates",
        "class_imbalance",
        "persistence_solution",
    )
    weight = 63
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(1024, 8, 2))\n"
        "y = 4 * x.mean(axis=(1, 2)) + 0.7 * rng.normal(size=1024)\n"
        "model = keras.Sequential([keras.Input((8, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.03), loss='mse')\n"
        "model.fit(x, y, batch_size=1, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("batch_size=1, epochs=2,", "batch_size=32, epochs=12,")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds batches of one sample for a model that carries no state between them."""
        for model in script.models:
            stateful = any(layer.get("stateful").value for layer in model.layers)
            for fit in model.fits:
                if fit.get("batch_size").value == 1 and not stateful:
                    yield self.found(
                        "Batches of one sample make the noisiest gradient that there is.",
                        severity="note",
                        level="suspected",
                        confidence=0.3,
                        place=fit.place,
                        treatments=[_larger(argument_edit(fit, script, "batch_size", str(USUAL)))],
                    )

    def examine(
        self, rehearsals: RehearsalFacts, course: Course, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Speaks where the batches are what is furthest from the usual."""
        found = unrest(rehearsals, course, fit)
        if found is not None and found.batch_is_it:
            yield self._finding(found, fit, scripts)

    def _finding(self, found: Unrest, fit: FitFacts, scripts: Scripts) -> Finding:
        call = call_at(fit.place, "fit", scripts)
        edits: Edits = ()
        if call is not None and fit.place is not None:
            edits = argument_edit(call, scripts[fit.place.file], "batch_size", str(USUAL))
        return self.found(
            f"Going on with batches of {fit.batch_size} leaves the loss at {found.as_it_was:.4g}; "
            f"eight times as large ones take it to {found.calm:.4g} in as many updates: the noise "
            "of so few samples keeps it up.",
            severity="error" if found.share >= DECISIVE else "warning",
            confidence=0.85,
            place=fit.place,
            evidence={
                "batch_size": number(fit.batch_size, "samples"),
                **found.evidence,
            },
            treatments=[_larger(edits)],
        )


def _larger(edits: Edits) -> Treatment:
    return Treatment("larger-batches", f"Train with batches of {USUAL}.", edits)
