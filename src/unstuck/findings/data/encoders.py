"""Where a source numbers the categories that become inputs."""

from __future__ import annotations

import ast

from unstuck.case.facts import Place
from unstuck.case.script import Call, Reference, Script
from unstuck.findings.data.origins import Origins

ENCODERS = ("LabelEncoder", "OrdinalEncoder")
"""Classes of scikit-learn that number categories in the order of the alphabet."""


def encoder_of(fit: Call, script: Script) -> Place | None:
    """Returns where an encoder numbers the inputs of a call of ``fit``, None where none does."""
    for node in Origins(script).of_inputs(fit):
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name == "factorize" or (name == "fit_transform" and _numbers(func, script)):
            return Place(script.path, node.lineno)
    return None


def _numbers(func: ast.expr, script: Script) -> bool:
    receiver = func.value if isinstance(func, ast.Attribute) else func
    if isinstance(receiver, ast.Call):
        return getattr(receiver.func, "attr", getattr(receiver.func, "id", "")) in ENCODERS
    known = script.names.get(receiver.id) if isinstance(receiver, ast.Name) else None
    content = known.content if known is not None else None
    return isinstance(content, Call | Reference) and content.kind in ENCODERS
