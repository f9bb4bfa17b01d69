"""A place where a trial runs."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Stand:
    """One place where the script can be run.

    Attributes:
        cwd: The working folder there.
        script: The script there, to be overwritten by a trial's text.
        named: What the script is called on the command line.
        origins: By the path of a copied folder, the folder that it is a copy of.
        notebook: Whether the script is the code of a notebook.
        module: Whether it is run as a module, whose name ``named`` is.
        paths: Copied folders from which modules are imported before all others.
    """

    cwd: Path
    script: Path
    named: str
    origins: tuple[tuple[str, str], ...] = ()
    notebook: bool = False
    module: bool = False
    paths: tuple[str, ...] = ()

    @property
    def program(self) -> tuple[str, ...]:
        """What Python is given to run."""
        return ("-m", self.named) if self.module else (self.named,)

    @property
    def environment(self) -> dict[str, str]:
        """What is other here than in the user's environment."""
        if not self.paths:
            return {}
        given = os.environ.get("PYTHONPATH", "")
        return {"PYTHONPATH": os.pathsep.join([*self.paths, *filter(None, [given])])}
