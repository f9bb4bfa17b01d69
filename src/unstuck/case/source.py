"""Where things come from: the line of the user's source that made a layer or called fit."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import weakref
from types import FrameType

from unstuck.case.facts import Place

FRAMEWORKS = frozenset({"keras", "tf_keras", "tensorflow", "jax", "torch", "unstuck"})
"""Packages whose frames are never the user's, also where they are installed from a checkout."""
_PACKAGES = frozenset({"site-packages", "dist-packages"})
_CELLS = ("<ipython-input", "<stdin>")
"""Pseudo file names of code that the user typed; all others ("<string>", "<frozen …>", …)
belong to code that was generated."""
_UNSTUCK = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_RUNNER = os.path.join(_UNSTUCK, "commands") + os.sep
_STDLIB = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))


class _Notes:
    """Remembers one place for each object, without keeping the object alive.

    Keyed by identity: a user's layer may define ``__eq__`` or a ``__hash__`` that reads
    attributes which don't exist yet when the layer is being created.
    """

    def __init__(self) -> None:
        self._places: dict[int, tuple[weakref.ref[object], Place]] = {}

    def note(self, thing: object, place: Place) -> None:
        key = id(thing)
        places = self._places
        places[key] = (weakref.ref(thing, lambda _: places.pop(key, None)), place)

    def find(self, thing: object) -> Place | None:
        known, place = self._places.get(id(thing), (None, None))
        return place if known is not None and known() is thing else None


class Places:
    """The lines that created the layers and compiled the models of a script.

    ``unstuck run`` fills it while the script runs (see ``observe.watch``); an empty one
    knows no creation, as where only the ``Monitor`` callback is used.
    """

    def __init__(self) -> None:
        self._created = _Notes()
        self._compiled = _Notes()
        self.files: set[str] = set()
        """Files of all places noted so far."""

    def created(self, thing: object) -> None:
        """Notes that the user's current line creates a layer or model."""
        self._note(self._created, thing)

    def compiled(self, model: object) -> None:
        """Notes that the user's current line compiles a model."""
        self._note(self._compiled, model)

    def place_of(self, thing: object) -> Place | None:
        """Returns where a layer or model was created, None if that was not seen."""
        return self._created.find(thing)

    def compile_place(self, model: object) -> Place | None:
        """Returns where a model was compiled last, None if that was not seen."""
        return self._compiled.find(model)

    def caller_place(self) -> Place | None:
        """Returns the user's innermost line that is running now; see the function."""
        return caller_place()

    def _note(self, notes: _Notes, thing: object) -> None:
        place = caller_place()
        if place is not None:
            notes.note(thing, place)
            self.files.add(place.file)


def caller_place() -> Place | None:
    """Returns the user's innermost line on this thread's stack.

    The user's is what lies outside the standard library, installed packages, the frameworks
    and unstuck. A main module counts wherever it lies, so that an installed program can be
    diagnosed too.

    Returns:
        The file as a traceback names it, with the line that is running; None if only other
        people's code is on the stack.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_RUNNER):
            return None  # below are only the interpreter's and our own frames
        if _users(file, str(frame.f_globals.get("__name__"))):
            return Place(file, frame.f_lineno)
        frame = frame.f_back
    return None


@functools.cache
def _users(file: str, module: str) -> bool:
    if file.startswith("<"):
        return file.startswith(_CELLS)
    if file.startswith(_UNSTUCK) or module.partition(".")[0] in FRAMEWORKS:
        return False
    if module == "__main__":
        return True
    return not (file.startswith(_STDLIB) or _PACKAGES.intersection(file.split(os.sep)))
