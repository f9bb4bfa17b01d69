"""from_logits disagrees with the output activation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from unstuck.case.edits import remove_argument, set_argument
from unstuck.case.script import Head, Loss, Script
from unstuck.findings.rule import Rule, number
from unstuck.record import Edit, Finding, Quantity, Treatment

SQUASHING: Final = frozenset({"softmax", "sigmoid", "hard_sigmoid", "sparsemax"})
"""Activations that give probabilities; applied twice they leave little of a difference."""

MATCHING: Final = {
    "binary_crossentropy": "sigmoid",
    "binary_focal_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "categorical_focal_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
"""The activation that each loss takes its probabilities from."""


class LogitsProbabilityMismatch(Rule):
    """The loss takes probabilities for logits, or logits for probabilities.

    ## What it finds
    A cross-entropy with ``from_logits=True`` behind a head that ends in softmax or sigmoid, and a
    cross-entropy without it (the default, and always so for a loss given by name) behind a head
    without an activation.

    ## Why LSTMs get this
    ``loss="sparse_categorical_crossentropy"`` can't say which of the two it means, and a loss
    object from a text generation example says ``from_logits=True``. Head and loss are written
    far apart, and both halves look right.

    ## How it is measured
    The last activation on the way out and the option of the loss, both read from the source or
    from the compiled model.

    ## What proves it
    Softmax of probabilities: they lie between 0 and 1, so with K classes no class can get more
    than e / (e + K - 1) of the total, and the loss can't fall below log(1 + (K - 1) / e): 0.31
    for two classes, 1.46 for ten. A sigmoid of a probability lies between 0.5 and 0.73, so the
    loss of every negative stays above log 2. The other way round, logits are clipped to 0…1 and
    most gradients are exactly zero, or the loss is NaN.

    ## What cures it
    One of the two, not both: an activation at the head and no ``from_logits``, or
    ``from_logits=True`` and no activation. The second is the better conditioned.

    ## False alarms
    A loss of the user's own is not judged. TensorFlow goes back to the numbers before a softmax
    or sigmoid where it can, with a warning, so there the first kind may train well; on JAX and
    torch it does not.

    ## References
    Keras API, keras.losses, the option from_logits. Goodfellow, Bengio and Courville, Deep
    Learning (2016), section 6.2.2.
    """

    code = "OUT104"
    name = "logits-taken-for-probabilities"
    cause = "logits_probability_mismatch"
    explains = (
        "output_activation_range_mismatch",
        "vanishing_gradients",
        "lr_too_low",
        "too_few_updates",
        "metric_mismatch",
    )
    weight = 104
    sick = (
        "from keras import Input, Sequential, layers, losses\n"
        "model = Sequential([\n"
        "    Input((20, 3)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(5, activation='softmax'),\n"
        "])\n"
        "loss = losses.SparseCategoricalCrossentropy(from_logits=True)\n"
        "model.compile(optimizer='adam', loss=loss)\n"
    )
    healthy = sick.replace("from_logits=True", "")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Compares the last activation of every head with what its loss expects."""
        for model in script.models:
            for head in model.heads:
                loss = head.loss
                if loss is None or loss.name not in MATCHING or head.layer is None:
                    continue
                if loss.from_logits is True and head.activation in SQUASHING:
                    yield self._twice(script, head, loss)
                elif loss.from_logits is False and head.activation == "linear":
                    yield self._never(script, head, loss)

    def _twice(self, script: Script, head: Head, loss: Loss) -> Finding:
        edits = () if loss.call is None else remove_argument(loss.call, script, "from_logits")
        return self.found(
            f"The loss {loss.name} has from_logits=True and applies {MATCHING[loss.name]} itself, "
            f"but the output already ends in {head.activation}: squashed twice, a sure prediction "
            "looks unsure to the loss.",
            level="suspected",
            confidence=_confidence(head),
            place=loss.place,
            evidence=_evidence(head),
            treatments=[
                Treatment("probabilities-once", "Take from_logits=True out of the loss.", edits),
                Treatment(
                    "logits-once",
                    "Or keep it, and give the output no activation.",
                    _linear(script, head),
                ),
            ],
        )

    def _never(self, script: Script, head: Head, loss: Loss) -> Finding:
        activation = MATCHING[loss.name]
        wanted = "sigmoid" if head.units == 1 else activation
        assert head.layer is not None
        return self.found(
            f"The loss {loss.name} expects probabilities, but the output layer {head.layer.kind} "
            "has no activation and gives any number: it is clipped to 0…1, where most gradients "
            "are zero.",
            level="suspected",
            confidence=_confidence(head),
            place=head.layer.place,
            evidence=_evidence(head),
            treatments=[
                Treatment(
                    f"{wanted}-output",
                    f"Give the output layer activation='{wanted}'.",
                    set_argument(head.layer, script, "activation", f'"{wanted}"'),
                ),
                Treatment(
                    "from-logits",
                    "Or tell the loss: from_logits=True.",
                    _told(script, loss),
                ),
            ],
        )


def _confidence(head: Head) -> float:
    return 0.6 if head.layer is not None and head.layer.maybe else 0.9


def _evidence(head: Head) -> dict[str, Quantity]:
    return {} if head.units is None else {"units": number(head.units, "units")}


def _linear(script: Script, head: Head) -> tuple[Edit, ...]:
    by = head.activated_by
    if by is None or "activation" not in by.arguments:
        return ()
    if by is head.layer:
        return remove_argument(by, script, "activation")
    return set_argument(by, script, "activation", '"linear"')


def _told(script: Script, loss: Loss) -> tuple[Edit, ...]:
    # A loss given by name has no options; to write one out would need an import.
    return () if loss.call is None else set_argument(loss.call, script, "from_logits", "True")
