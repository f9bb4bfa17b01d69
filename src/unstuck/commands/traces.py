"""Shows an exception of the user's script as Python itself would have."""

from __future__ import annotations

import itertools
import os
import sys
from types import TracebackType

from unstuck.observe import arrival, watch

_OURS = (os.path.dirname(os.path.abspath(__file__)) + os.sep, arrival.__file__, watch.__file__)
_IMPORT = "<frozen importlib"
"""Python hides these frames itself, but not where one of ours lies between them."""


def show(exception: BaseException) -> None:
    """Hands an exception to ``sys.excepthook``, the user's own hook if there is one."""
    clean(exception)
    try:
        sys.excepthook(type(exception), exception, exception.__traceback__)
    except Exception as error:
        clean(error)
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(exception), exception, exception.__traceback__)
    sys.stderr.flush()


def clean(exception: BaseException) -> None:
    """Takes our frames out of an exception and all that are chained to it or grouped in it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [exception]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _without_ours(one.__traceback__)
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    result = None
    for run in reversed(_runs(frames)):
        for one in reversed(run):
            result = TracebackType(result, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return result


def _runs(frames: list[TracebackType]) -> list[list[TracebackType]]:
    """Splits the frames into runs and leaves out those that exist only because of us."""
    grouped = itertools.groupby(frames, lambda one: _file(one).startswith((*_OURS, _IMPORT)))
    runs = [list(run) for _, run in grouped]
    return [run for run in runs if not any(_file(one).startswith(_OURS) for one in run)]


def _file(traceback: TracebackType) -> str:
    return traceback.tb_frame.f_code.co_filename
