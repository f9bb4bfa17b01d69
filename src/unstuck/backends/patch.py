"""Replace attributes of an instance for a while, past its ``__setattr__``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_MISSING = object()


@contextlib.contextmanager
def replaced(target: Any, **attributes: Any) -> Iterator[None]:
    """Replaces attributes of one instance and puts back what was there, whatever happens.

    Keras and torch track what is assigned to their objects; writing to the instance's dict leaves
    no trace in their books.
    """
    own = vars(target)
    before = {name: own.get(name, _MISSING) for name in attributes}
    own.update(attributes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is _MISSING:
                own.pop(name, None)
            else:
                own[name] = value
