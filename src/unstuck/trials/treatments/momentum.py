"""Steps that remember where they came from."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.optimizing import argued, chosen

CAUSES = ("optimizer_unsuited", "lr_too_low")
SUMMARY = "Give SGD a momentum of 0.9."


MOMENTUM = 0.9
"""The usual one: a direction that stays gets ten times the step, one that turns gets none."""


def edits(script: Script) -> Edits:
    """Gives plain ``SGD`` its ``momentum``."""
    choice = chosen(script)
    if choice is None or choice.kind != "SGD":
        return ()
    call = choice.value.call
    plain = call is None or call.get("momentum", 0.0).value == 0
    return argued(choice, "momentum", f"{MOMENTUM}") if plain else ()
