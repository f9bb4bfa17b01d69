"""softmax over one unit is always 1."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import replace_call, set_argument
from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Head, Loss, Script, activation_name
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import in_cell, target_kind, width
from unstuck.findings.output.sites import source_head
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts, keras_name, only, together
from unstuck.record import Edit, Finding, Treatment

_DISTANCES = {
    "mean_squared_error",
    "mean_absolute_error",
    "mean_squared_logarithmic_error",
    "mean_absolute_percentage_error",
    "huber",
    "log_cosh",
}
"""Losses of a number, where the cure is no activation at all."""


class OutputSoftmaxSingleUnit(Rule):
    """A softmax over one unit is always 1.

    ## What it finds
    A layer with one unit and a softmax behind it: ``Dense(1, activation="softmax")``,
    ``Dense(1)`` followed by ``Activation("softmax")`` or ``Softmax()``, or the same inside
    ``TimeDistributed``. Also such a layer in the middle of a model, for example as attention
    weights over its one unit instead of over the time steps.

    ## Why LSTMs get this
    Softmax is remembered as the activation for classification, and a yes-or-no question needs
    only one number. An LSTM classifier copied from a many-class example and cut down to one unit
    keeps the softmax.

    ## How it is measured
    Softmax divides the exponential of a unit by the sum over all units. With one unit that is
    exp(z) / exp(z) = 1 for every z. The source is enough: units and activation are read from it.
    In a run they are those of the model itself, however it was built, and where predictions were
    taken, the lowest of them must be 1.

    ## What proves it
    Arithmetic. All predictions are exactly 1 and the gradient of every weight below is zero.
    On TensorFlow the printed loss can fall all the same, because binary cross-entropy there is
    computed from the number before the softmax: compare ``model.predict(x)``, not the curve.

    ## What cures it
    For two classes: ``Dense(1, activation="sigmoid")`` with ``binary_crossentropy``. For a number:
    ``Dense(1)`` without an activation. For K classes: ``Dense(K, activation="softmax")``.

    ## False alarms
    None where the units are known. A softmax over time, after ``Flatten``, ``Reshape`` or
    ``Permute`` has moved the steps to the last axis, is not reported. Inside a recurrent cell a
    gate still scales the softmax: that is wrong as well, but it is not constant.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.3. Keras API,
    keras.activations.softmax.
    """

    code = "OUT101"
    name = "softmax-on-one-unit"
    cause = "output_softmax_single_unit"
    explains = (
        "loss_task_mismatch",
        "logits_probability_mismatch",
        "label_encoding_error",
        "no_target_scaling",
        "output_activation_range_mismatch",
        "frozen_weights",
        "vanishing_gradients",
        "dead_units",
        "lr_too_low",
        "class_imbalance",
        "metric_mismatch",
        "too_few_updates",
    )
    weight = 110
    sick = (
        "from keras import Input, Sequential, layers\n"
        "model = Sequential([\n"
        "    Input((20, 3)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='softmax'),\n"
        "])\n"
        "model.compile(optimizer='adam', loss='binary_crossentropy')\n"
    )
    healthy = sick.replace("softmax", "sigmoid")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Yields the heads, then the other layers, whose softmax has one unit."""
        heads = {head.layer: head for model in script.models for head in model.heads}
        for head in heads.values():
            if head.units == 1 and head.activation == "softmax" and not head.reshaped:
                yield self._of_head(script, head)
        for layer in script.layers():
            if layer not in heads and _is_constant(layer):
                yield self._of_inner_layer(layer)

    def examine(
        self, outputs: tuple[Output, ...], model: ModelFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Names every head of the live model that is 1 by construction."""
        for output in outputs:
            if _always_one(output, model):
                yield self._observed(output, scripts)

    def _observed(self, output: Output, scripts: Scripts) -> Finding:
        predictions = output.train.predictions if output.train else None
        source = source_head(output.head, scripts)
        by = source[1].activated_by if source else None
        return self.found(
            f"The output layer '{output.head.layer}' has one unit with softmax, which is exactly 1 "
            "for every input: a number divided by itself, so nothing that the model computes "
            "reaches the loss.",
            confidence=0.99,
            place=by.place if by else output.head.place,
            layer=output.head.layer,
            evidence={
                "units": number(1, "units"),
                "lowest_prediction": number(
                    predictions.minimum if predictions else None, "output units"
                ),
                "highest_prediction": number(
                    predictions.maximum if predictions else None, "output units"
                ),
            },
            treatments=_measured_treatments(output, source),
        )

    def _of_head(self, script: Script, head: Head) -> Finding:
        assert head.layer is not None
        assert head.activated_by is not None
        return self.found(
            f"The output {_written(head)} is always exactly 1: a softmax over one unit divides a "
            "number by itself, so nothing that the model computes reaches the loss.",
            level="suspected",
            confidence=0.7 if head.layer.maybe else 0.98,
            place=head.activated_by.place,
            evidence={"units": number(1, "units")},
            treatments=treatments(script, head),
        )

    def _of_inner_layer(self, layer: Call) -> Finding:
        return self.found(
            f"The layer {layer.kind}(1) with softmax is always exactly 1, whatever its input: a "
            "softmax over one unit divides a number by itself. To weigh time steps, apply the "
            "softmax over their axis.",
            severity="warning",
            level="suspected",
            confidence=0.8,
            place=layer.place,
            evidence={"units": number(1, "units")},
        )


def _always_one(output: Output, model: ModelFacts) -> bool:
    layer = next((layer for layer in model.layers if layer.name == output.head.layer), None)
    if in_cell(output.head) or _units(output, layer) != 1:
        return False
    own = None if layer is None else layer.config.get("activation")
    if (output.head.activation or own) != "softmax":
        return False
    predictions = output.train.predictions if output.train else None
    return predictions is None or predictions.minimum in (None, 1.0)


def _units(output: Output, layer: LayerFacts | None) -> int | None:
    return width(output) or (None if layer is None else layer.config.get("units"))


def _measured_treatments(
    output: Output, source: tuple[Script, Head] | None
) -> tuple[Treatment, ...]:
    """Returns the changes of the source; several class numbers need more units instead."""
    target = output.target
    if target is not None and target_kind(target) == "classes":
        units = int(target.maximum or 0) + 1
        return (
            Treatment("unit-for-each-class", f"Give the output layer {units} units with softmax."),
        )
    if source is None:
        return (Treatment("sigmoid-output", "Use activation='sigmoid' for two classes."),)
    ordered = treatments(*source)
    # A distance to labels 0 and 1 is the distance to a probability: sigmoid is the first choice.
    labels = target is not None and target_kind(target) == "binary"
    return tuple(reversed(ordered)) if labels else ordered


def treatments(script: Script, head: Head) -> tuple[Treatment, ...]:
    """Returns the change that fits the loss: sigmoid for two classes, nothing for a number."""
    if head.loss is not None and head.loss.name in _DISTANCES:
        linear = Treatment(
            "linear-output",
            "Give the output no activation: for a number, softmax has no use.",
            _activated(script, head, "linear"),
        )
        return (linear, _sigmoid(script, head, None))
    return (_sigmoid(script, head, head.loss),)


def _sigmoid(script: Script, head: Head, loss: Loss | None) -> Treatment:
    edits = _activated(script, head, "sigmoid")
    summary = "Use activation='sigmoid' for two classes, coded 0 and 1"
    if loss is not None and loss.name.endswith("categorical_crossentropy"):
        summary += ", with loss='binary_crossentropy'; K classes need K units"
        edits = together(edits, _binary_loss(script, head))
    # Binary cross-entropy says that the one number is a probability; what it was is lost.
    told = loss is not None and loss.name == "binary_crossentropy" and loss.from_logits is False
    safe = told and only(script, head.layer, head.activated_by)
    return Treatment("sigmoid-output", f"{summary}.", edits, safe=safe)


def _binary_loss(script: Script, head: Head) -> tuple[Edit, ...]:
    model = next(model for model in script.models if head in model.heads)
    if model.compile is None or len(model.heads) > 1:
        return ()
    return set_argument(model.compile, script, "loss", '"binary_crossentropy"')


def _activated(script: Script, head: Head, activation: str) -> tuple[Edit, ...]:
    by = head.activated_by
    if by is None:
        return ()
    if by.kind == "Softmax":
        layers = keras_name(script, "layers")
        made = f'{layers}.Activation("{activation}")'
        return () if layers is None else replace_call(by, script, made)
    return set_argument(by, script, "activation", f'"{activation}"')


def _is_constant(layer: Call) -> bool:
    if layer.kind not in ("Dense", "Conv1D"):
        return False
    width = layer.get("units" if layer.kind == "Dense" else "filters").value
    return width == 1 and activation_name(layer.get("activation")) == "softmax"


def _written(head: Head) -> str:
    assert head.layer is not None
    if head.activated_by is head.layer:
        return f"{head.layer.kind}(1, activation='softmax')"
    return f"{head.layer.kind}(1) followed by softmax"
