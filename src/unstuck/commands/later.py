"""Postpones the import of a package until something of it is used."""

from __future__ import annotations

import importlib
import sys
import types


class _Later(types.ModuleType):
    """Stands for a package under its name, and is filled from it at the first use.

    ``importlib.util.LazyLoader`` does not serve: the next ``import`` of the same name already
    looks at the module, and so loads it.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__path__":  # asked by the import system
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        package = importlib.import_module(self.__name__)
        self.__dict__.update(vars(package))
        return getattr(package, name)


def postpone(name: str) -> None:
    """Lets ``import name`` cost nothing until an attribute of the package is asked for.

    Rules import numpy to judge measurements. Linting has none, and importing numpy takes as
    long as everything else at its start.

    Args:
        name: A package; one that is imported already stays as it is.
    """
    sys.modules.setdefault(name, _Later(name))
