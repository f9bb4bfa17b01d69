"""A person's training script, read without running it.

The reader follows names, functions, classes, loops and conditions as far as
people write them in training scripts. What it can't follow is UNKNOWN, never an
error. Nothing here imports Keras, and reading takes milliseconds.
"""

from __future__ import annotations

import ast
import functools
import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from unstuck.case import files
from unstuck.case.facts import Place
from unstuck.case.notebook import Cell, join_cells, name_of
from unstuck.case.reading.contract import Head, Loss, activation_name, loss_name
from unstuck.case.reading.models import Model
from unstuck.case.reading.objects import Scope
from unstuck.case.reading.reader import Reader
from unstuck.case.reading.values import UNKNOWN, Call, Reference, Value
from unstuck.errors import UsageError

__all__ = [
    "UNKNOWN",
    "Call",
    "Head",
    "Loss",
    "Model",
    "Reference",
    "Script",
    "Value",
    "activation_name",
    "loss_name",
]

LARGEST_CODE = 1_000_000
"""Characters: some 30,000 lines, which take a second and 200 MB to parse."""

_LEAVES = {ast.Name, ast.Constant}
"""Half of all nodes; they hold no others but the context of a name."""

Node = TypeVar("Node", bound=ast.AST)


class Script:
    """The source of a training script and what can be read in it.

    Attributes:
        path: As the script's own traceback would name it.
        text: The source; for a notebook, its code cells one after the other.
        lines: The lines of the text, without their ends.
        tree: The syntax tree of the text.
        cells: For a notebook, its code cells.
    """

    def __init__(self, path: str, text: str, tree: ast.Module, cells: tuple[Cell, ...] = ()):
        self.path = path
        self.text = text
        self.tree = tree
        self.cells = cells
        self.lines = tuple(line.rstrip("\r\n") for line in io.StringIO(text, newline=""))

    @functools.cached_property
    def _read(self) -> tuple[Reader, Scope]:
        """The evaluation of the script, made when something of it is asked for."""
        reader = Reader(self.path)
        scope = reader.read(self.tree)
        for model in reader.models:
            model.complete = True
        return reader, scope

    @functools.cached_property
    def calls(self) -> tuple[Call, ...]:
        """Calls of Keras in the order of evaluation, those of its methods included.

        A call that is evaluated several times, as in a loop, is there several times.
        """
        return tuple(self._read[0].calls)

    @functools.cached_property
    def foreign(self) -> tuple[Call, ...]:
        """Calls of other libraries, for example "numpy.reshape"."""
        return tuple(self._read[0].foreign)

    @functools.cached_property
    def models(self) -> tuple[Model, ...]:
        """Models that are trained or stand alone; not those that serve as a layer only."""
        return tuple(m for m in self._read[0].models if m.compiles or m.fits or not m.nested)

    @functools.cached_property
    def names(self) -> Mapping[str, Value]:
        """What each name of the module is bound to at the end."""
        return self._read[1].names

    @property
    def ends_in_fit(self) -> bool:
        """Whether the last statement of the module trains a model."""
        return self._read[0].ends_in_fit

    def nodes(self, *kinds: type[Node]) -> Iterator[Node]:
        """Yields the nodes of some kinds, kind after kind, each kind in the order of ``ast.walk``.

        The tree is walked once for all rules; walking it anew costs as much as parsing it.
        """
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    @functools.cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[Any]]:
        found: dict[type[ast.AST], list[Any]] = {}
        walk: list[ast.AST] = [self.tree]
        for node in walk:  # it grows meanwhile; ast.walk takes three times as long
            found.setdefault(type(node), []).append(node)
            if type(node) in _LEAVES:
                continue
            for name in node._fields:
                value = getattr(node, name)
                if isinstance(value, ast.AST):
                    walk.append(value)
                elif isinstance(value, list):
                    walk.extend(item for item in value if isinstance(item, ast.AST))
        return found

    @classmethod
    def read(cls, path: str | Path) -> Script:
        """Reads a ``.py`` or ``.ipynb`` file.

        Raises:
            UsageError: If there is no such file, or it isn't Python or a notebook.
        """
        text, _ = files.read(path)
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, path: str = "<script>") -> Script:
        """Reads the text of a script; that of a notebook if the path ends in ``.ipynb``.

        Raises:
            UsageError: If it isn't Python 3 or a notebook.
        """
        cells: tuple[Cell, ...] = ()
        if path.endswith(".ipynb"):
            text, cells = join_cells(text, path)
        return cls(path, text, _parsed(text, path, cells), cells)

    def call_at(self, line: int, kind: str | None = None) -> Call | None:
        """Returns the innermost Keras call whose source spans a line, None if there is none.

        Args:
            line: Line of the text, counted from 1.
            kind: Only calls of this kind, for example the class name of a live layer.
        """
        found = [
            call
            for call in self.calls
            if call.line <= line <= call.end_line and kind in (None, call.kind)
        ]
        return min(found, key=lambda call: (call.end_line - call.line, _width(call)), default=None)

    def where(self, line: int) -> Place:
        """Returns the place of a line as the user sees it: in a notebook, of a cell."""
        for cell in reversed(self.cells):
            if line >= cell.line:
                return Place(name_of(self.path, cell.number), line - cell.line + 1)
        return Place(self.path, line)

    def sources(self) -> dict[str, str]:
        """Returns the text by the files that ``where`` names: the script, or its cells."""
        if not self.cells:
            return {self.path: self.text}
        firsts = [cell.line for cell in self.cells]
        ends = [*(line - 1 for line in firsts[1:]), len(self.lines)]
        return {
            self.where(first).file: "\n".join(self.lines[first - 1 : end])
            for first, end in zip(firsts, ends, strict=True)
        }

    def layers(self) -> Iterator[Call]:
        """Yields every layer of the script once, also those outside any model."""
        seen = set()
        for model in self.models:
            for layer in model.layers:
                seen.add(layer)
                yield layer
        yield from (call for call in self.calls if call.layer and call not in seen)


def _width(call: Call) -> int:
    return (call.node.end_col_offset or 0) - call.node.col_offset


def _parsed(text: str, path: str, cells: tuple[Cell, ...]) -> ast.Module:
    if len(text) > LARGEST_CODE:
        raise UsageError(
            f"Expected at most {LARGEST_CODE:,} characters of Python. Received: {path} with "
            f"{len(text):,}. Leave generated files and data out."
        )
    try:
        with warnings.catch_warnings():
            # What Python thinks of an escape in a text is for those who run the script.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        place = f"{path}, line {line}"
        for cell in reversed(cells):
            if line >= cell.line:
                place = f"{path}, cell {cell.number}, line {line - cell.line + 1}"
                break
        raise UsageError(
            f"Expected Python 3. Received: {error.msg} in {place}: "
            f"{(error.text or '').strip()[:80]!r}. Run the script once to see the error."
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UsageError(
            f"Expected Python 3 source that can be parsed. Received: {path} "
            f"({error or type(error).__name__}). Check that the file is a script."
        ) from error
