"""The user's code as one trial runs it: the script, and modules beside it that it imports."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Version:
    """One version of the script and of the modules that may be changed with it.

    Attributes:
        text: The script.
        modules: Path and text of each module, sorted by path; it may be as it was.
    """

    text: str
    modules: tuple[tuple[str, str], ...] = dataclasses.field(default=(), repr=False)

    def file(self, path: str | None) -> str | None:
        """Returns the text of a module, None if it isn't one; that of the script for None."""
        return self.text if path is None else dict(self.modules).get(path)

    def having(self, path: str | None, text: str) -> Version:
        """Returns another version in which a module, or the script for None, has a text."""
        if path is None:
            return dataclasses.replace(self, text=text)
        modules = dict(self.modules) | {path: text}
        return dataclasses.replace(self, modules=tuple(sorted(modules.items())))
