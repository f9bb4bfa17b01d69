"""Wraps functions of classes where they are defined, and puts the originals back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Patches:
    """The wraps that are in place now."""

    def __init__(self) -> None:
        self._wrapped: list[tuple[type, str, Any, Any]] = []

    def wrap(
        self, owner: type, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]
    ) -> None:
        """Replaces a function by ``wrapper(function)`` in the class that defines it.

        Where it is defined, not in ``owner``: Keras compares ``type(model).compile`` with
        ``Trainer.compile`` to see whether the user has overridden it (``compile_from_config``).
        """
        home = next(kind for kind in owner.__mro__ if name in vars(kind))
        original = vars(home)[name]
        static = isinstance(original, staticmethod)
        new: Any = wrapper(original.__func__ if static else original)
        new = staticmethod(new) if static else new
        setattr(home, name, new)
        self._wrapped.append((home, name, original, new))

    def undo(self) -> None:
        """Puts the originals back, except where someone has patched over us since."""
        while self._wrapped:
            home, name, original, new = self._wrapped.pop()
            if vars(home).get(name) is new:
                setattr(home, name, original)
