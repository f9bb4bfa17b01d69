"""from_logits disagrees with the output activation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Final

from unstuck.case.edits import remove_argument, set_argument
from unstuck.case.script import Head, Loss, Script
from unstuck.findings.evidence import Output
from unstuck.findings.output import logits
from unstuck.findings.output.contract import learned, loss_name
from unstuck.findings.output.sites import loss_place, source_head
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts, only, shared
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
    from the compiled model; in a run, the loss that was reached against the lowest possible one.

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
    torch it does not. Raw scores may train if they happen to stay within 0…1. A run that learned
    all the same gets a warning.

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
        "optimizer_unsuited",
        "class_imbalance",
        "dead_units",
        "exploding_gradients",
        "no_gradient_clipping",
        "lr_too_high",
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
                # What is compiled only to be evaluated learns nothing wrong.
                elsewhere = not model.fits and any(other.fits for other in script.models)
                if loss.from_logits is True and head.activation in SQUASHING:
                    found = self._twice(script, head, loss)
                elif loss.from_logits is False and head.activation == "linear":
                    found = self._never(script, head, loss)
                else:
                    continue
                yield dataclasses.replace(found, severity="note") if elsewhere else found

    def examine(
        self, outputs: tuple[Output, ...], progress: Progress, scripts: Scripts
    ) -> Iterator[Finding]:
        """Compares the head of every output of the live model with what its loss was told."""
        for output in outputs:
            if not logits.classifies(output):
                continue
            if output.loss.from_logits and logits.squashed(output):
                yield self._squashed_twice(output, progress, scripts)
            elif output.loss.from_logits is False and logits.raw(output):
                yield self._not_squashed(output, progress, scripts)

    def _squashed_twice(self, output: Output, progress: Progress, scripts: Scripts) -> Finding:
        floor = logits.lowest_loss(output)
        fine = learned(output, progress) or logits.reached(output, floor)
        limit = "" if floor is None else f", and the loss cannot fall below {floor:.3g}"
        source = source_head(output.head, scripts)
        return self.found(
            f"The output layer '{output.head.layer}' already ends in {output.head.activation}, but "
            f"the loss {loss_name(output)} has from_logits=True and squashes it a second time: no "
            f"prediction can look sure{limit}.",
            severity="warning" if fine else "error",
            confidence=0.8 if fine else 0.97,
            place=loss_place(output, scripts),
            layer=output.head.layer,
            evidence={
                "lowest_possible_loss": number(floor, "loss"),
                "loss_after_training": number(output.train.loss if output.train else None, "loss"),
                "highest_possible_probability": number(logits.surest(output)),
            },
            treatments=_of_source(source, _once),
        )

    def _not_squashed(self, output: Output, progress: Progress, scripts: Scripts) -> Finding:
        fine = learned(output, progress)
        predictions = output.train.predictions if output.train else None
        return self.found(
            f"The loss {loss_name(output)} expects probabilities, but the output layer "
            f"'{output.head.layer}' {logits.described(output)}: what lies outside 0…1 is clipped, "
            "and what is clipped has no gradient.",
            severity="warning" if fine else "error",
            confidence=0.75 if fine else 0.95,
            place=output.head.place or loss_place(output, scripts),
            layer=output.head.layer,
            evidence={
                "lowest_prediction": number(
                    predictions.minimum if predictions else None, "output units"
                ),
                "highest_prediction": number(
                    predictions.maximum if predictions else None, "output units"
                ),
                "loss_after_training": number(output.train.loss if output.train else None, "loss"),
            },
            treatments=logits.behind_cell(output)
            or _of_source(source_head(output.head, scripts), _activated),
        )

    def _twice(self, script: Script, head: Head, loss: Loss) -> Finding:
        return self.found(
            f"The loss {loss.name} has from_logits=True and applies {MATCHING[loss.name]} itself, "
            f"but the output already ends in {head.activation}: squashed twice, a sure prediction "
            "looks unsure to the loss.",
            level="suspected",
            confidence=_confidence(head),
            place=loss.place,
            evidence=_evidence(head),
            treatments=_once(script, head, loss),
        )

    def _never(self, script: Script, head: Head, loss: Loss) -> Finding:
        assert head.layer is not None
        return self.found(
            f"The loss {loss.name} expects probabilities, but the output layer {head.layer.kind} "
            "has no activation and gives any number: it is clipped to 0…1, where most gradients "
            "are zero.",
            level="suspected",
            confidence=_confidence(head),
            place=head.layer.place,
            evidence=_evidence(head),
            treatments=_activated(script, head, loss),
        )


def _confidence(head: Head) -> float:
    return 0.6 if head.layer is not None and head.layer.maybe else 0.9


def _evidence(head: Head) -> dict[str, Quantity]:
    return {} if head.units is None else {"units": number(head.units, "units")}


def _once(script: Script, head: Head, loss: Loss) -> tuple[Treatment, ...]:
    """Returns the two ways to squash once only."""
    edits: tuple[Edit, ...] = ()
    safe = False
    if loss.call is not None:
        edits = remove_argument(loss.call, script, "from_logits")
        # What the model gives stays as it is, and no other model has this loss.
        safe = only(script, head.activated_by, loss.call) and not shared(script, loss.call.node)
    return (
        Treatment("probabilities-once", "Take from_logits=True out of the loss.", edits, safe=safe),
        Treatment(
            "logits-once", "Or keep it, and give the output no activation.", _linear(script, head)
        ),
    )


def _activated(script: Script, head: Head, loss: Loss) -> tuple[Treatment, ...]:
    """Returns the two ways to give the loss what it expects."""
    assert head.layer is not None
    wanted = "sigmoid" if head.units == 1 else MATCHING[loss.name]
    return (
        Treatment(
            f"{wanted}-output",
            f"Give the output layer activation='{wanted}'.",
            set_argument(head.activated_by or head.layer, script, "activation", f'"{wanted}"'),
        ),
        Treatment("from-logits", "Or tell the loss: from_logits=True.", _told(script, loss)),
    )


def _of_source(
    source: tuple[Script, Head] | None,
    repairs: Callable[[Script, Head, Loss], tuple[Treatment, ...]],
) -> tuple[Treatment, ...]:
    """Returns the treatments of a live head, with edits where its source is known."""
    if source is None or source[1].loss is None or source[1].loss.name not in MATCHING:
        return (Treatment("agree-on-logits", AGREE),)
    return repairs(source[0], source[1], source[1].loss)


AGREE: Final = (
    "Use one of the two: no activation on the output layer and from_logits=True in the loss, or "
    "sigmoid (softmax for several classes) and no from_logits."
)


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
