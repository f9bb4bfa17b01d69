"""A target, or an input, that does not vary."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts
from unstuck.findings.evidence import Output
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Quantity, Severity, Treatment

ENOUGH = 8
"""Samples below which equal values may be chance."""
NAMED = 5
"""Columns that a message lists by number; of more it gives the count."""


class ConstantFeature(Rule):
    """A feature or a target that does not vary.

    ## What it finds
    A target with the same value for every sample; inputs that are the same for every sample; a
    single column that never changes.

    ## Why LSTMs get this
    A column that was integer-divided to zeros, a label column read from the wrong place, a filter
    that kept one class only. A constant has nothing to teach: the best network ignores its input,
    and the loss falls to zero in a few steps without anything learned.

    ## How it is measured
    Smallest and largest value of each array and column, over all samples and steps.

    ## What proves it
    The best constant prediction is perfect, or the inputs tell no sample from another.

    ## What cures it
    Look for where the column lost its values. A harmless constant column can be dropped; before a
    division by its spread it must be, or it becomes NaN.

    ## False alarms
    One constant column among others does no harm and is a note. Losses that do not read the target
    (``add_loss``, triplets) are often given a constant one; those of the user's own are left alone.

    ## References
    scikit-learn, ``VarianceThreshold``.
    """

    code = "DAT107"
    name = "constant-column"
    cause = "constant_feature"
    explains = (
        "no_signal_in_data",
        "class_imbalance",
        "too_few_updates",
        "lr_too_low",
        "no_input_scaling",
        "metric_mismatch",
    )
    weight = 101
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "share = x.mean(axis=(1, 2))\n"
        "y = (share > 0).astype(int) // 2\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.01)\n"
        "model.compile(optimizer=adam, loss='binary_crossentropy', metrics=['accuracy'])\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
    )
    healthy = sick.replace(".astype(int) // 2", ".astype(int)")

    def examine(
        self, inputs: tuple[ArrayFacts, ...], outputs: tuple[Output, ...], fit: FitFacts
    ) -> Iterator[Finding]:
        """Judges targets first, then whole inputs, then single columns."""
        targets = [(one, one.target) for one in outputs if one.target is not None]
        stuck = [(one, target) for one, target in targets if _still(target)]
        for output, target in stuck:
            yield from self._target(output, target, len(stuck) == len(targets), fit)
        for _, target in targets:
            if not _still(target):
                yield from self._columns(target, "target", fit)
        empty = [array for array in inputs if _still(array)]
        if inputs and len(empty) == len(inputs):
            yield self._inputs(empty[0], fit)
            return
        for array in inputs:
            if array not in empty:
                yield from self._columns(array, "input", fit)

    def _target(
        self, output: Output, target: ArrayFacts, alone: bool, fit: FitFacts
    ) -> Iterator[Finding]:
        # The user's own loss may not look at the target at all.
        if output.loss.custom:
            return
        sure = target.complete and alone
        yield self.found(
            f"The target of {output.name} is {_value(target)} for every sample: there is nothing "
            "to learn, and a constant answer is perfect.",
            severity="error" if sure else "warning",
            confidence=0.95 if sure else 0.5,
            place=fit.place,
            layer=output.head.layer,
            evidence=_evidence(target),
            treatments=[_TRACE],
        )

    def _inputs(self, array: ArrayFacts, fit: FitFacts) -> Finding:
        severity: Severity = "error" if array.complete else "warning"
        return self.found(
            f"Every sample of the input is the same (from {array.minimum:g} to {array.maximum:g}, "
            "each feature constant): nothing tells one from another.",
            severity=severity,
            confidence=0.95 if array.complete else 0.5,
            place=fit.place,
            evidence=_evidence(array),
            treatments=[_TRACE],
        )

    def _columns(self, array: ArrayFacts, role: str, fit: FitFacts) -> Iterator[Finding]:
        still = [i for i, one in enumerate(array.features) if one.minimum == one.maximum]
        if len(array.features) < 2 or not still or array.read < ENOUGH:
            return
        named = ", ".join(map(str, still[:NAMED])) + (", …" if len(still) > NAMED else "")
        several = len(still) > 1
        yield self.found(
            f"{'Columns' if several else 'Column'} {named} of the {role} never "
            f"change{'' if several else 's'} ({len(still)} of {len(array.features)}).",
            severity="note",
            confidence=0.9,
            place=fit.place,
            evidence={
                "constant_columns": number(len(still), "columns"),
                "columns": number(len(array.features), "columns"),
                "first_constant_column": number(still[0], "index"),
            },
            treatments=[_DROP],
        )


_TRACE = Treatment(
    "trace-the-column",
    "Print np.unique of the array after each step that makes it, and repair the one where its "
    "values are lost.",
)
_DROP = Treatment(
    "drop-the-column",
    "Drop the column, or divide by its spread only where that is not zero.",
)


def _still(array: ArrayFacts) -> bool:
    """Whether each feature has one value of its own, in all samples and at all steps."""
    if array.minimum is None or array.nonfinite or array.read < ENOUGH:
        return False
    whole = len(array.shape) > 1 and len(array.features) == (array.shape[-1] or 0) > 0
    each = whole and all(feature.minimum == feature.maximum for feature in array.features)
    return each or array.minimum == array.maximum


def _value(array: ArrayFacts) -> str:
    return f"{array.minimum:g}" if array.minimum == array.maximum else "the same"


def _evidence(array: ArrayFacts) -> dict[str, Quantity]:
    return {
        "minimum": number(array.minimum, "data units"),
        "maximum": number(array.maximum, "data units"),
        "samples_read": number(array.read, "samples"),
    }
