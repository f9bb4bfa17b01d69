"""What a trial of a model can't be made of."""

from __future__ import annotations

from unstuck.errors import UnstuckError


class SpecificationError(UnstuckError):
    """A training can't be described so that it can be repeated; the message says what remains."""
