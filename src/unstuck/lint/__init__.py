"""The causes that a script shows without being run. Never imports Keras.

``unstuck.lint`` is this package and also a function: ``unstuck.lint("train.py")``.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

from unstuck.case.script import Script
from unstuck.lint.check import check, diagnose
from unstuck.lint.discovery import scripts
from unstuck.record import Diagnosis

__all__ = ["check", "diagnose", "lint", "scripts"]


def lint(source: str | Path | Script) -> Diagnosis:
    """Returns what the source of a training script shows without being run.

    Args:
        source: Path of a script, notebook or folder; or source text, told by its line breaks;
            or a script that has been read already.

    Raises:
        UsageError: If there is nothing at the path, or it isn't Python.
    """
    if isinstance(source, Script):
        return diagnose([source])
    if isinstance(source, str) and "\n" in source:
        return diagnose([Script.parse(source)])
    return diagnose(map(Script.read, scripts([source])))


class _Package(types.ModuleType):
    # Importing the package binds its name in ``unstuck``, where the function has to be.
    def __call__(self, source: str | Path | Script) -> Diagnosis:
        return lint(source)


sys.modules[__name__].__class__ = _Package
