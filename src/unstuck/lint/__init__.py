"""The causes that a script shows without being run. Never imports Keras."""

from __future__ import annotations

from unstuck.lint.check import check, diagnose
from unstuck.lint.discovery import scripts

__all__ = ["check", "diagnose", "scripts"]
