"""How fast weights fade that the data do not hold up."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.searching.knob import Value
from unstuck.trials.treatments.optimizing import argued, chosen

CAUSES = ("overfitting", "over_regularization")
SUMMARY = "Use a weight decay of {}."

WORTH = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
"""None, and every order of magnitude up to ten times what AdamW is mostly used with."""
DEFAULT = {"AdamW": 0.004}
"""What Keras takes where none is given; 0 for all others."""


def own(script: Script) -> Value | None:
    """Returns the decay of the optimizer, None where it can't be read or there are several."""
    choice = chosen(script)
    if choice is None:
        return None
    call, default = choice.value.call, DEFAULT.get(choice.kind, 0.0)
    value = call.get("weight_decay", default).value if call is not None else default
    return float(value) if isinstance(value, int | float) else 0.0 if value is None else None


def grid(script: Script) -> tuple[Value, ...]:
    """Returns the usual decays and the script's own."""
    value = own(script)
    return () if value is None else tuple(sorted({*WORTH, float(value)}))


def edits(script: Script, value: Value) -> Edits:
    """Gives the optimizer another decay; every optimizer of Keras 3 takes one."""
    choice = chosen(script)
    return argued(choice, "weight_decay", f"{value:g}") if choice is not None else ()
