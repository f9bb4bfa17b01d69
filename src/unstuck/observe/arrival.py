"""Waits for a package to be imported by someone else, and for nothing more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class Arrival(MetaPathFinder):
    """A finder that finds nothing itself, but tells when a package has been imported.

    The script must choose its backend before Keras is imported, so unstuck can't import it
    first. The package's own finder and loader do all the work: the module, its spec and its
    loader are the ones that it would have without us.

    Args:
        then: For each package name, what to call with the module once it is complete.
    """

    def __init__(self, then: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._then = then

    def open(self) -> None:
        """Starts to wait; packages that are complete already are told of at once."""
        sys.meta_path.insert(0, self)
        for name, then in self._then.items():
            module = sys.modules.get(name)
            if module is not None and not getattr(module.__spec__, "_initializing", False):
                then(module)

    def close(self) -> None:
        """Stops to wait."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Asks the other finders, and marks what they found for the packages waited for."""
        if fullname not in self._then:
            return None
        spec = self._found_by_others(fullname, path, target)
        if spec is not None and spec.loader is not None:
            self._mark(spec, self._then[fullname])
        return spec

    def _found_by_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        # Those before us have been asked already; another of our kind would ask us in turn.
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 :] if self in finders else finders:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None

    def _mark(self, spec: ModuleSpec, then: Callable[[ModuleType], None]) -> None:
        """Shadows ``exec_module`` on this one loader, for one call."""
        loader = spec.loader
        assert loader is not None
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop("exec_module", None)
            run(module)
            then(module)

        vars(loader)["exec_module"] = exec_module
