"""Changes of the call of ``fit``."""

from __future__ import annotations

import ast

from unstuck.case.edits import set_argument
from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import section, trained


def called_back(script: Script, made: str, *, validated: bool = False) -> Edits:
    """Adds a callback to ``fit``.

    Args:
        script: The script.
        made: The call that makes it, without the section of Keras.
        validated: Whether it needs validation data.
    """
    model = trained(script)
    fit = model.fits[0] if model is not None and len(model.fits) == 1 else None
    if fit is None or (validated and not _validated(fit)):
        return ()
    callbacks, imported = section(script, "callbacks")
    listed = _listed(script, fit, f"{callbacks}.{made}")
    place = set_argument(fit, script, "callbacks", listed) if listed else ()
    return (*imported, *place) if place else ()


def _validated(fit: Call) -> bool:
    return bool({"validation_data", "validation_split"} & fit.arguments.keys())


def _listed(script: Script, fit: Call, made: str) -> str | None:
    """Returns the list of callbacks with one more, None where it is not written in the call."""
    if "callbacks" not in fit.arguments:
        return f"[{made}]"
    node = fit.arguments["callbacks"].node
    if not isinstance(node, ast.List) or node.end_lineno != node.lineno:
        return None
    kept = [str(ast.get_source_segment(script.text, part)) for part in node.elts]
    return f"[{', '.join([*kept, made])}]"
