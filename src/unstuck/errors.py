"""Errors that a user of unstuck may see: what was expected, what was received, what to try."""

from __future__ import annotations


class UnstuckError(Exception):
    """The root of every error that unstuck raises on purpose."""


class UsageError(UnstuckError):
    """The command line or a call was wrong; the message says how to put it right."""


class RecordingError(UnstuckError):
    """A file is not a recording, is damaged, or was written by a newer version."""


class MissingExtraError(UnstuckError):
    """An optional package is not installed; the message names the extra that brings it."""
