"""Labels that do not have the form that the loss expects."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import ArrayFacts, FitFacts
from unstuck.case.script import Call, Loss, Model, Script
from unstuck.findings.data.codes import Code, Form, label_code
from unstuck.findings.evidence import Output
from unstuck.findings.output.sites import loss_edit
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at
from unstuck.record import Finding, Treatment

ONE_HOT = 0.99
"""Share of rows that must sum to one; the rest may be padded steps."""
OTHER_LOSS: dict[tuple[str, Form], str] = {
    ("sparse_categorical_crossentropy", "one-hot"): "categorical_crossentropy",
    ("categorical_crossentropy", "numbers"): "sparse_categorical_crossentropy",
}
"""The loss that takes labels of a form which a loss does not take."""


class LabelEncodingError(Rule):
    """Labels whose form isn't the one that the loss expects.

    ## What it finds
    {-1, 1}, {1, 2} or {0, 255} where binary cross-entropy expects 0 and 1; class numbers that
    start at 1 or reach the number of units; class numbers where one-hot rows are expected, and
    one-hot rows where class numbers are; text.

    ## Why LSTMs get this
    Labels come from files and label encoders, not from the model. With 2 for a label, binary
    cross-entropy has no minimum and its loss turns negative; on some backends an index beyond
    the last unit silently gives NaN.

    ## How it is measured
    The distinct values of the labels against the loss and the number of units of the head.

    ## What proves it
    It is a matter of definition: the loss is not defined for these labels.

    ## What cures it
    Recode the labels, or choose the loss that takes them as they are.

    ## False alarms
    Soft labels between 0 and 1 are fine and are left alone.

    ## References
    Keras API, ``keras.losses``.
    """

    code = "DAT105"
    name = "labels-in-another-code"
    cause = "label_encoding_error"
    explains = (
        "class_imbalance",
        "exploding_gradients",
        "lr_too_high",
        "saturated_gates",
        "vanishing_gradients",
        "no_target_scaling",
        "output_activation_range_mismatch",
        "metric_mismatch",
    )
    weight = 105
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = np.where(x.sum(axis=(1, 2)) > 0, 1, -1)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((12, 2)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.01)\n"
        "model.compile(optimizer=adam, loss='binary_crossentropy', metrics=['accuracy'])\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("1, -1)", "1, 0)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Compares how labels are made with the loss that reads them."""
        for model in script.models:
            loss = model.loss
            fits = _under_last_compile(model, script)
            codes = [code for fit in fits if (code := label_code(fit, script)) is not None]
            if loss is not None and not loss.custom and codes:
                yield from self._suspected(model, loss, codes[0])

    def examine(
        self, outputs: tuple[Output, ...], fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges the labels of every output by its loss."""
        code = _code(fit, scripts)
        for output in outputs:
            target = output.target
            fault = None if target is None else _fault(output, target)
            if target is not None and fault is not None:
                message, repair = fault
                yield self.found(
                    message,
                    confidence=0.95,
                    place=code.place if code else fit.place,
                    layer=output.head.layer,
                    evidence={
                        "label_minimum": number(target.minimum, "label"),
                        "label_maximum": number(target.maximum, "label"),
                        "distinct_labels": number(len(target.values) or None, "labels"),
                        "units": number(_units(output), "units"),
                    },
                    treatments=[Treatment("recode-labels", repair, _edits(code, output, scripts))],
                )

    def _suspected(self, model: Model, loss: Loss, code: Code) -> Iterator[Finding]:
        other = OTHER_LOSS.get((loss.name, code.form))
        if other is not None:
            edits = _loss_edit(model, code.script, other)
            made = "one-hot rows" if code.form == "one-hot" else "class numbers"
            message = f"The labels are made {made}, which {loss.name} does not take."
            repair = f"Use loss='{other}' for {made}."
        elif loss.name == "binary_crossentropy" and {*code.values} - {0, 1}:
            low, high = code.values
            edits = code.as_zero_and_one()
            message = (
                "Binary cross-entropy expects the labels 0 and 1, but these are made "
                f"{low:g} and {high:g}."
            )
            repair = "Make the labels 0 and 1."
        else:
            return
        yield self.found(
            message,
            level="suspected",
            confidence=0.85,
            place=code.place,
            treatments=[Treatment("recode-labels", repair, edits)],
        )


def _under_last_compile(model: Model, script: Script) -> list[Call]:
    """Returns the calls of ``fit`` that train with the loss that was named last."""
    order = {id(call): at for at, call in enumerate(script.calls)}
    last = order.get(id(model.compile), -1)
    return [fit for fit in model.fits if order.get(id(fit), last) >= last]


def _loss_edit(model: Model, script: Script, loss: str) -> Edits:
    """Returns the edit that names another loss, nothing for several losses."""
    if model.compile is None or not isinstance(model.compile.get("loss").content, str):
        return ()
    return set_argument(model.compile, script, "loss", f'"{loss}"')


def _code(fit: FitFacts, scripts: Scripts) -> Code | None:
    call = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None:
        return None
    return label_code(call, scripts[fit.place.file])


def _edits(code: Code | None, output: Output, scripts: Scripts) -> Edits:
    """Returns the edit that makes labels and loss agree, where the source shows how."""
    if code is None:
        return ()
    if code.form == "two values":
        return code.as_zero_and_one() if output.loss.name == "binary_crossentropy" else ()
    other = OTHER_LOSS.get((output.loss.name, code.form))
    return () if other is None else loss_edit(output, scripts, other)


def _units(output: Output) -> int | None:
    return output.head.shape[-1] if output.head.shape else None


def _fault(output: Output, target: ArrayFacts) -> tuple[str, str] | None:
    """Returns what is wrong with the labels and how to repair it, None if nothing is."""
    if not _numeric(target):
        return (
            f"The labels are of type {target.dtype}, but a loss computes with numbers.",
            "Map the labels to 0..K-1, for example with np.unique(labels, return_inverse=True).",
        )
    loss, units = output.loss.name, _units(output)
    if loss == "binary_crossentropy":
        return _binary(target)
    if loss == "sparse_categorical_crossentropy" and units:
        return _sparse(output, target, units)
    if loss in ("categorical_crossentropy", "categorical_focal_crossentropy") and units:
        return _categorical(target, units)
    return None


def _numeric(target: ArrayFacts) -> bool:
    return target.dtype.startswith(("int", "uint", "float", "bfloat", "bool"))


def _binary(target: ArrayFacts) -> tuple[str, str] | None:
    values = sorted(float(value) for value in target.values)
    # More than two values are another task, which the rule on losses judges.
    if len(values) != 2 or not target.integral or (values[0] >= 0 and values[1] <= 1):
        return None
    low, high = values
    return (
        f"Binary cross-entropy expects the labels 0 and 1, but these are {low:g} and {high:g}.",
        f"Recode them: y = (y == {high:g}).astype('float32').",
    )


def _sparse(output: Output, target: ArrayFacts, units: int) -> tuple[str, str] | None:
    if target.minimum is None or target.maximum is None or not target.integral:
        return None
    alike = len(target.shape) == len(output.head.shape or ()) and target.shape[-1] == units
    if alike and units > 1 and (target.one_hot or 0) > ONE_HOT:
        return (
            "Sparse categorical cross-entropy expects class numbers, but the labels are one-hot "
            "rows.",
            "Use loss='categorical_crossentropy', or pass y.argmax(-1).",
        )
    if target.minimum >= 0 and target.maximum < units:
        return None
    start = f"start at {target.minimum:g}" if target.minimum > 0 else f"reach {target.maximum:g}"
    if target.minimum < 0:
        start = f"go down to {target.minimum:g}"
    return (
        f"The class numbers {start} and run to {target.maximum:g}, but {units} units know only "
        f"0..{units - 1}.",
        f"Number the classes from 0: y = y - {target.minimum:g}."
        if target.maximum - target.minimum < units
        else f"Give the output {int(target.maximum) + 1} units, or renumber the classes.",
    )


def _categorical(target: ArrayFacts, units: int) -> tuple[str, str] | None:
    last = target.shape[-1] if len(target.shape) > 1 else 1
    if units > 1 and last == 1 and target.integral and len(target.values) != 1:
        return (
            "Categorical cross-entropy expects one-hot rows, but the labels are class numbers.",
            "Use loss='sparse_categorical_crossentropy', or keras.utils.to_categorical(y).",
        )
    if (
        len(target.shape) >= 3
        and target.shape[-1] == 2 != units
        and (target.one_hot or 0) > ONE_HOT
    ):
        return (
            f"The labels have shape {target.shape}: they were made one-hot twice.",
            "Call to_categorical once.",
        )
    return None
