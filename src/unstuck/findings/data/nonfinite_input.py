"""NaN or infinity in what ``fit`` was fed with."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, DataFacts, FitFacts
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment


class NonfiniteInput(Rule):
    """NaN or infinite entries in inputs, targets or sample weights.

    ## What it finds
    Entries that are not finite numbers, with their count and the place of the first one.

    ## Why LSTMs get this
    A gap in a sensor file, a division by the zero spread of a constant column, a logarithm of
    zero. One such entry makes the loss of its batch NaN, the gradient NaN, and with one update
    every weight of the model: from then on nothing is finite, whatever the learning rate.

    ## How it is measured
    All entries of the arrays given to ``fit`` are counted; of a stream, those of the batches
    that were seen.

    ## What proves it
    The count itself. A NaN times any weight is NaN.

    ## What cures it
    Find the rows, then drop or fill them before windows are cut: a gap in a series enters as
    many windows as a window has steps. Clipping and smaller rates cannot help.

    ## False alarms
    None for training data. Entries that only the validation data hold do not hurt the weights
    and are a warning.

    ## References
    IEEE 754-2019, section 6.2, on the propagation of NaN.
    """

    code = "DAT101"
    name = "nonfinite-values-in-the-data"
    cause = "nonfinite_input"
    explains = (
        "exploding_gradients",
        "custom_loss_numerics",
        "lr_too_high",
        "no_gradient_clipping",
        "constant_feature",
        "lstm_relu_activation",
        "no_input_scaling",
        "no_target_scaling",
    )
    weight = 120
    sick = "x = np.array([[[1.0], [np.nan]]]); y = np.array([1.0])"
    healthy = "x = np.array([[[1.0], [2.0]]]); y = np.array([1.0])"

    def examine(self, data: DataFacts, fit: FitFacts) -> Iterator[Finding]:
        """Judges every array; the training data come first."""
        bad = [array for array in data.arrays if array.nonfinite]
        training = [array for array in bad if not array.role.startswith("validation")]
        if bad:
            yield self._finding((training or bad)[0], bad, bool(training), fit)

    def _finding(
        self, first: ArrayFacts, bad: list[ArrayFacts], training: bool, fit: FitFacts
    ) -> Finding:
        count = sum(array.nonfinite for array in bad)
        where = "" if first.first_nonfinite is None else f", the first at index {_index(first)}"
        roles = " and ".join(dict.fromkeys(array.role.replace("_", " ") + "s" for array in bad))
        return self.found(
            f"The {roles} hold {count} value{'s' if count != 1 else ''} that "
            f"{'are' if count != 1 else 'is'} NaN or infinite{where}: one of them is enough to "
            "make the loss and then every weight NaN.",
            severity="error" if training else "warning",
            confidence=1.0,
            place=fit.place,
            evidence={
                "nonfinite_values": number(count, "entries"),
                "samples_read": number(first.read, "samples"),
                "first_sample": number(
                    first.first_nonfinite[0] if first.first_nonfinite else None, "index"
                ),
            },
            treatments=[
                Treatment(
                    "repair-nonfinite-rows",
                    "Find the rows with np.argwhere(~np.isfinite(x)) and drop or fill them before "
                    "windows are cut; where a scaler divided by a zero spread, drop that column.",
                )
            ],
        )


def _index(array: ArrayFacts) -> str:
    return "[" + ", ".join(str(i) for i in array.first_nonfinite or ()) + "]"
