"""How the source codes the labels of a model: one-hot rows, class numbers, or two values."""

from __future__ import annotations

import ast
import dataclasses
from typing import Literal

from unstuck.case.edits import set_argument
from unstuck.case.facts import Place
from unstuck.case.script import Call, Script
from unstuck.findings.data.origins import Origins
from unstuck.findings.sites import Edits

Form = Literal["one-hot", "numbers", "two values"]

ONE_HOT = ("to_categorical", "get_dummies")
NUMBERS = ("argmax",)


@dataclasses.dataclass(frozen=True)
class Code:
    """What one call makes of labels.

    Attributes:
        call: The call that decides it.
        values: For two values, the lower and the higher one.
    """

    script: Script
    call: ast.Call
    form: Form
    values: tuple[float, ...] = ()

    @property
    def place(self) -> Place:
        """Where the call is written."""
        return Place(self.script.path, self.call.lineno)

    def as_zero_and_one(self) -> Edits:
        """Returns the edit of ``np.where(…, 1, -1)`` that makes its values 0 and 1."""
        wrong = [value for value in self.values if value not in (0, 1)]
        call = next((call for call in self.script.foreign if call.node is self.call), None)
        if call is None or len(wrong) != 1 or len(self.values) != 2:
            return ()
        right = "0" if wrong[0] == self.values[0] else "1"
        return next(
            (
                set_argument(call, self.script, name, right)
                for name in ("1", "2")
                if name in call.arguments and call.get(name).value == wrong[0]
            ),
            (),
        )


def label_code(fit: Call, script: Script) -> Code | None:
    """Returns how the targets of a call of ``fit`` are coded, None where it isn't known."""
    for node in Origins(script).of_targets(fit):
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name in ONE_HOT:
            return Code(script, node, "one-hot")
        if name in NUMBERS or (name == "fit_transform" and _is_encoder(func, script)):
            return Code(script, node, "numbers")
        if name == "where":
            values = _two_values(node)
            return Code(script, node, "two values", values) if values else None
    return None


def _is_encoder(func: ast.expr, script: Script) -> bool:
    receiver = func.value if isinstance(func, ast.Attribute) else func
    if isinstance(receiver, ast.Call):
        named = receiver.func
        return getattr(named, "attr", getattr(named, "id", "")) == "LabelEncoder"
    known = script.names.get(receiver.id) if isinstance(receiver, ast.Name) else None
    return known is not None and known.call is not None and known.call.kind == "LabelEncoder"


def _two_values(node: ast.Call) -> tuple[float, ...]:
    """Returns both values of ``where(condition, one, other)``, nothing if they aren't numbers."""
    try:
        values = [ast.literal_eval(part) for part in node.args[1:3]]
    except ValueError:
        return ()
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return tuple(sorted(numbers)) if len(numbers) == 2 else ()
