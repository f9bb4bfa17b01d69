"""Batches that are no mixture of the data."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import remove_argument
from unstuck.case.facts import CompileFacts, FitFacts
from unstuck.case.script import Call, Script
from unstuck.findings.data.blocks import block_labels
from unstuck.findings.optimization.budget import UNDER_WAY
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at
from unstuck.observe.outcome import CompositionFacts
from unstuck.record import Finding, Treatment

APART = 0.5
"""Share of what tells the targets apart that lies between batches: from a half on, the batch says
more of a target than anything else."""
TIMES = 4.0
"""Times the share of mixed batches that it must be as well, for batches of a few samples."""
CLASSES = ("crossentropy", "hinge")
"""Losses of classes. Batches of a series are never mixtures, and no fault of every run in order."""


class BatchComposition(Rule):
    """Batches that hold one class or one regime each.

    ## What it finds
    Batches of (nearly) one class each, in the order in which they are trained on, where the network
    does not learn: it follows each batch and forgets it over the next ones.

    ## Why LSTMs get this
    ``shuffle=False`` is what tutorials of stateful LSTMs and of time series write, and it is copied
    to data that are sorted by class or joined from files. Each step then pulls towards one class;
    at the end of an epoch the network knows the last one.

    ## How it is measured
    The share of the targets' variance that lies between batches, as they are cut without shuffling
    or as a stream yields them, against that of mixed batches of the same size.

    ## What proves it
    The same run with shuffled rows.

    ## What cures it
    Leave ``shuffle`` at its default, or mix the rows once before ``fit``.

    ## False alarms
    A run in order that learns is left alone. Windows of one series are no mixtures either; of
    these it is said as a warning only.

    ## References
    Bengio, Practical Recommendations for Gradient-Based Training (2012), on the order of examples.
    """

    code = "STA103"
    name = "unmixed-batches"
    cause = "batch_composition"
    explains = (
        "class_imbalance",
        "too_few_updates",
        "lr_too_high",
        "lr_too_low",
        "no_signal_in_data",
        "exploding_gradients",
        "overfitting",
    )
    weight = 79
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "y = np.repeat([0, 1], 200)\n"
        "x = np.random.default_rng(0).normal(size=(400, 6, 2)) + 0.5 * np.eye(2)[y][:, None, :]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((6, 2)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(2, activation='softmax'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.02)\n"
        "model.compile(optimizer=adam, loss='sparse_categorical_crossentropy')\n"
        "model.fit(x, y, batch_size=4, epochs=4, shuffle=False, verbose=0)\n"
    )
    healthy = sick.replace(" shuffle=False,", "")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds ``shuffle=False`` on labels that the script puts in blocks."""
        for model in script.models:
            for fit in model.fits:
                ordered = fit.get("shuffle", True).value is False
                if ordered and block_labels(fit, script) is not None:
                    yield self.found(
                        "The labels stand in blocks and fit does not shuffle them: each batch "
                        "holds one class.",
                        severity="warning",
                        level="suspected",
                        confidence=0.8,
                        place=fit.place,
                        treatments=[_mix(remove_argument(fit, script, "shuffle"))],
                    )

    def examine(
        self,
        composition: tuple[CompositionFacts, ...],
        compiled: CompileFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges the order of runs that do not learn."""
        if fit.shuffle or not progress.poor:
            return
        for facts in composition:
            loss = next((one.name for one in compiled.losses if one.output == facts.output), "")
            if facts.between >= max(APART, TIMES * facts.expected):
                classes = any(word in loss for word in CLASSES)
                low = progress.failing or (progress.skill or 0) < UNDER_WAY
                yield self._finding(facts, classes and low, fit, scripts)

    def _finding(
        self, facts: CompositionFacts, sure: bool, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        return self.found(
            f"{facts.between:.0%} of what tells the targets apart lies between batches, of mixed "
            f"ones {facts.expected:.0%}: each batch pulls towards its own part of the data, "
            "and the next one away from it.",
            severity="error" if sure else "warning",
            confidence=0.85 if sure else 0.4,
            place=fit.place,
            evidence={
                "variance_between_batches": number(facts.between, "1"),
                "of_mixed_batches": number(facts.expected, "1"),
                "batches_seen": number(facts.batches, "batches"),
            },
            treatments=[_mix(_edits(fit, scripts))],
        )


def _mix(edits: Edits) -> Treatment:
    return Treatment(
        "mix-the-batches",
        "Let fit shuffle the rows (leave shuffle=False out), or mix them once before fit.",
        edits,
    )


def _edits(fit: FitFacts, scripts: Scripts) -> Edits:
    call: Call | None = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None:
        return ()
    return remove_argument(call, scripts[fit.place.file], "shuffle")
