"""The words of the project as frozen, JSON-able dataclasses: what a diagnosis says.

``Diagnosis.to_json`` gives the document that ``--json`` writes; its schema is
``report/schema.json``. Nothing here imports Keras, a backend or numpy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, get_args

from unstuck.pictures import XRayPicture

SCHEMA_VERSION = 1

Severity = Literal["error", "warning", "note"]
Level = Literal["suspected", "observed", "proven", "cured"]
Verdict = Literal[
    "healthy", "stuck", "diverged", "overfit", "misleading", "no_signal", "undetermined"
]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the gravest to the mildest."""
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the most certain."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclasses.dataclass(frozen=True)
class Location:
    """Where a fault sits; what does not apply is None.

    Attributes:
        file: Path of the source file, as the script's own traceback would name it.
        line: Line in that file, counted from 1.
        layer: Name of the Keras layer.
        gate: Name of the gate inside a recurrent cell.
        timestep: Index of the time step, counted from 0.
    """

    file: str | None = None
    line: int | None = None
    layer: str | None = None
    gate: str | None = None
    timestep: int | None = None


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A number with its unit; the unit of a share or a ratio is "1"."""

    value: float | int | str | None
    unit: str = "1"


Evidence = Mapping[str, Quantity]


@dataclasses.dataclass(frozen=True)
class Edit:
    """One line of the user's source, before and after; an empty ``old`` inserts before the line."""

    line: int
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Treatment:
    """A change that should help: in words and, where the line is known, as edits.

    Attributes:
        safe: Whether the edits provably change nothing but the fault, whatever the data are.
    """

    id: str
    summary: str
    edits: tuple[Edit, ...] = ()
    trial: Mapping[str, Any] | None = None
    safe: bool = False


@dataclasses.dataclass(frozen=True)
class Finding:
    """One judgement: a cause, where it sits, how sure we are, and by which numbers.

    Attributes:
        code: Short code of the rule, for example "OUT101".
        name: Reads well after "allow", for example "softmax-on-one-unit".
        cause: Name of the cause in the catalogue, for example "output_softmax_single_unit".
        message: One sentence that a student understands, with its numbers.
        confidence: Between 0 and 1.
        explains: Causes that are only symptoms once this one is found.
    """

    code: str
    name: str
    cause: str
    severity: Severity
    level: Level
    confidence: float
    message: str
    location: Location = Location()
    evidence: Evidence = dataclasses.field(default_factory=dict)
    treatments: tuple[Treatment, ...] = ()
    explains: tuple[str, ...] = dataclasses.field(default=(), metadata={"json": False})


@dataclasses.dataclass(frozen=True)
class LossSummary:
    """The loss against its controls, all under the user's own loss function.

    Attributes:
        start: Mean loss of the first steps.
        end: Mean loss of the last steps.
        constant_predictor: Loss of the best constant prediction.
        naive_forecast: Loss of repeating the last value, where the targets continue the inputs.
    """

    start: float | None = None
    end: float | None = None
    constant_predictor: float | None = None
    naive_forecast: float | None = None


@dataclasses.dataclass(frozen=True)
class Scale:
    """What a fit and its controls reach where 0 is the best constant and 1 is perfect.

    All are skills under the user's own loss.

    Attributes:
        split: The rows that they are measured on: "validation", or "train" where there are none.
        loss: Name of the loss.
        reached: By the fit.
        naive: By the naive forecast, where the targets continue the inputs.
        twin: By a healthy LSTM on the same data, on rows it has not seen; None where it was not
            trained.
        settled: Whether that had come to its end, so that more time would not have helped it.
        beats_constant: Whether any control that had its chance does better than a constant; None
            where the twin was not settled, or shares a fault of the fit.
        beats_naive: The same for the naive forecast.
    """

    split: str
    loss: str
    reached: float | None = None
    naive: float | None = None
    twin: float | None = None
    settled: bool = False
    beats_constant: bool | None = None
    beats_naive: bool | None = None


@dataclasses.dataclass(frozen=True)
class Curves:
    """What a report draws of one fit; every list is indexed like ``steps``.

    Attributes:
        steps: Step numbers, counted from 0, thinned out for long runs.
        loss: Training loss of these steps.
        learning_rate: Learning rate of these steps.
        gradient_norm: By layer name, the norm of the gradient before clipping.
        update_ratio: By layer name, norm of the update over norm of the weights.
        epochs: Step at the end of each epoch, for the validation curve.
        validation_loss: Validation loss of each epoch, None where there was none.
    """

    steps: tuple[int, ...] = ()
    loss: tuple[float | None, ...] = ()
    learning_rate: tuple[float | None, ...] = ()
    gradient_norm: Mapping[str, tuple[float | None, ...]] = dataclasses.field(default_factory=dict)
    update_ratio: Mapping[str, tuple[float | None, ...]] = dataclasses.field(default_factory=dict)
    epochs: tuple[int, ...] = ()
    validation_loss: tuple[float | None, ...] = ()


@dataclasses.dataclass(frozen=True)
class FitReport:
    """One call of ``fit``: what it did, whether it trained, and what is wrong with it.

    Attributes:
        summary: The verdict in one sentence.
        skill: 0 is the best constant prediction, 1 is perfect; None where it is unknown.
        interrupted: What ended the fit early, for example an exception; None if nothing did.
        remarks: What looks like a fault in a run that trains and is none.
        experiments: Where the evidence does not decide: what to try next, and what it would mean.
        curves: For the pictures of a report; not part of the JSON document.
        xrays: Likewise, in the order of training.
        scale: For ``unstuck fix``, which tells it; None where nothing could be measured.
    """

    model: str
    location: Location
    steps: int
    verdict: Verdict
    summary: str
    loss: LossSummary
    skill: float | None
    findings: tuple[Finding, ...]
    interrupted: str | None = None
    remarks: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    curves: Curves = dataclasses.field(default=Curves(), metadata={"json": False})
    xrays: tuple[XRayPicture, ...] = dataclasses.field(default=(), metadata={"json": False})
    scale: Scale | None = dataclasses.field(default=None, metadata={"json": False})


@dataclasses.dataclass(frozen=True)
class Tool:
    """Who made a diagnosis, and on what."""

    version: str
    keras: str | None = None
    backend: str | None = None
    name: str = "unstuck"


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """A verdict, ranked findings (the first is the answer), and the fits they come from.

    Attributes:
        summary: The verdict in one sentence.
        fix: What ``unstuck fix`` changed and proved; None where it was not asked.
        sources: Text of the user's source files by path, for excerpts in reports.
    """

    tool: Tool
    script: str | None
    fits: tuple[FitReport, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict
    summary: str
    schema_version: int = SCHEMA_VERSION
    fix: Mapping[str, Any] | None = None
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, metadata={"json": False})

    def to_json(self) -> dict[str, Any]:
        """Returns the document that ``--json`` writes, made of plain dicts and lists."""
        document = plain(self)
        first = ("schema_version", "tool", "script", "fits", "findings", "verdict", "summary")
        return {key: document[key] for key in (*first, "fix")}

    def worst(self) -> Severity | None:
        """Returns the gravest severity among the findings, None if there are none."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in SEVERITIES if severity in found), None)


def plain(value: Any) -> Any:
    """Turns a record into dicts and lists; NaN and infinities become None, as JSON has none.

    Fields marked ``json: False`` are left out.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.metadata.get("json", True)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
