"""Every rule, found by walking the family packages: a new file is a new rule."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import unstuck.findings
from unstuck.findings.rule import Rule

FAMILY_DEPTH = 2
"""Dots in the name of a family; what lies beside the families is no rule, and takes its time."""


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Returns one instance of every rule, sorted by code."""
    for module in pkgutil.walk_packages(unstuck.findings.__path__, "unstuck.findings."):
        if module.name.count(".") > FAMILY_DEPTH:
            importlib.import_module(module.name)
    found = [rule() for rule in Rule.__subclasses__()]
    return tuple(sorted(found, key=lambda rule: rule.code))


def rule(code: str) -> Rule:
    """Returns the rule of a code, name or cause.

    Raises:
        KeyError: If there is none.
    """
    for candidate in rules():
        if code.lower() in (candidate.code.lower(), candidate.name, candidate.cause):
            return candidate
    raise KeyError(code)
