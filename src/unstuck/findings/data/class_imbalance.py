"""One class dominates, and the model predicts nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import FitFacts
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at
from unstuck.observe.outcome import PredictionFacts
from unstuck.record import Finding, Treatment

MAJORITY = 0.75
"""Share of the largest class from which answering it always beats an honest attempt: at 3 to 1 a
minority sample must be three times as likely as its prior before it is chosen."""
MISSED = 0.25
"""Recall below which a class counts as missed: three of four of its samples are answered with
another class, while the accuracy still looks like the majority's share."""
ENOUGH = 5
"""Samples of a class in the sample below which its recall says nothing."""


class ClassImbalance(Rule):
    """One class dominates, and predicting it alone is what the loss rewards.

    ## What it finds
    A classifier that chooses the majority class for (nearly) every sample, so that its accuracy
    equals the majority's share.

    ## Why LSTMs get this
    Rare events (faults, fraud, arrhythmias) are what sequence classifiers are built for. The
    cross-entropy falls fastest by moving the output bias to the log odds of the classes; after
    that each rare sample is outvoted in every batch.

    ## How it is measured
    The classes of the predictions on a sample of the training data, and the recall of each class.

    ## What proves it
    Accuracy equal to the majority share with a recall of zero elsewhere. A trial with class
    weights shows whether the minority can be learned.

    ## What cures it
    ``class_weight`` in ``fit``, resampling, or a threshold chosen on validation data; and a
    metric that sees the minority, such as recall or the area under the curve.

    ## False alarms
    Imbalanced data whose classes are found all the same; data without signal.

    ## References
    He and Garcia, Learning from Imbalanced Data (2009).
    """

    code = "DAT104"
    name = "majority-class-only"
    cause = "class_imbalance"
    explains = ("too_few_updates", "metric_mismatch", "saturated_gates")
    weight = 74
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(600, 8, 1))\n"
        "score = x.mean(axis=(1, 2)) + 0.5 * rng.normal(size=600)\n"
        "y = (score > np.quantile(score, 0.95)).astype('float32')\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 1)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.003)\n"
        "model.compile(optimizer=adam, loss='binary_crossentropy', metrics=['accuracy'])\n"
        "model.fit(x, y, epochs=12, verbose=0)\n"
    )
    healthy = sick.replace("epochs=12", "epochs=12, class_weight={0: 1.0, 1: 19.0}")

    def examine(
        self, outputs: tuple[Output, ...], progress: Progress, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges every output that chooses classes."""
        for output in outputs:
            predictions = output.train.predictions if output.train else None
            if predictions is None or not predictions.recall:
                continue
            missed = _missed(predictions)
            share = predictions.majority_share or 0.0
            if missed and share >= MAJORITY and not progress.diverged:
                # Keras takes class weights for a model with one output only.
                edits = _weights(output, predictions, fit, scripts) if len(outputs) == 1 else ()
                yield self._finding(output, predictions, missed, progress, fit, edits)

    def _finding(
        self,
        output: Output,
        predictions: PredictionFacts,
        missed: list[str],
        progress: Progress,
        fit: FitFacts,
        edits: Edits,
    ) -> Finding:
        share = predictions.majority_share or 0.0
        majority = max(predictions.actual, key=lambda name: predictions.actual[name])
        return self.found(
            f"{share:.1%} of the samples are class {majority} and the model answers it nearly "
            f"always: its accuracy of {predictions.accuracy:.1%} is that share, while class "
            f"{', '.join(missed[:3])} is found in {min(predictions.recall.values()):.0%} of its "
            "samples.",
            # Where no control finds a signal, balancing can't be shown to help.
            severity="warning" if progress.has_signal is False else "error",
            confidence=0.85,
            place=fit.place,
            layer=output.head.layer,
            evidence={
                "majority_share": number(share, "1"),
                "accuracy": number(predictions.accuracy, "1"),
                "worst_recall": number(min(predictions.recall.values()), "1"),
            },
            treatments=[
                Treatment(
                    "class-weights",
                    "Weight the classes by the inverse of their frequency with class_weight in "
                    "fit, and watch recall or AUC instead of accuracy.",
                    edits,
                )
            ],
        )


def _missed(predictions: PredictionFacts) -> list[str]:
    """Returns the classes other than the majority that are hardly ever found."""
    majority = max(predictions.actual, key=lambda name: predictions.actual[name])
    return [
        name
        for name, recall in predictions.recall.items()
        if name != majority and predictions.actual[name] >= ENOUGH and recall < MISSED
    ]


def _weights(
    output: Output, predictions: PredictionFacts, fit: FitFacts, scripts: Scripts
) -> Edits:
    """Returns the edit that weights each class by how much rarer it is than the majority."""
    call = call_at(fit.place, "fit", scripts)
    target = output.target
    # Weights go by class number, one for each sample.
    if call is None or fit.place is None or fit.class_weight or target is None:
        return ()
    if len(target.shape) > 2 or not all(name.isdigit() for name in predictions.actual):
        return ()
    largest = max(predictions.actual.values())
    weights = {
        int(name): round(largest / max(count, 1), 1) for name, count in predictions.actual.items()
    }
    return set_argument(call, scripts[fit.place.file], "class_weight", str(weights))
