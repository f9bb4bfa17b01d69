"""Evaluates a script's statements over what is known, and records the calls it meets."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import Final

from unstuck.case.reading.expressions import EXPRESSIONS
from unstuck.case.reading.functions import call_function, construct
from unstuck.case.reading.models import Model
from unstuck.case.reading.objects import Arguments, Class, Function, Scope
from unstuck.case.reading.statements import STATEMENTS
from unstuck.case.reading.values import UNKNOWN, Call, Value

STEP_LIMIT: Final = 200_000
"""Expressions evaluated in one script; reached only by loops inside loops that build nothing."""

FITS = {"fit", "fit_generator"}

Left = str | None
"""How a block was left early ("return", "break", "continue"), None if it ran to its end."""


class Exhausted(Exception):
    """The limit of steps is reached; what was read so far stands."""


class Reader:
    """State of one evaluation.

    Attributes:
        file: Name of the script, for places.
        calls: Keras calls in the order of evaluation.
        foreign: Calls of other libraries.
        models: In the order in which they are made.
        functions: Functions in the order of their definition, classes likewise.
        maybe: How many conditions that aren't known lie around the current statement.
        loops: The loops around the current statement, also through function calls.
        stack: The functions being evaluated.
        since: Steps at which what may happen or not, or several times, begins.
        before: Names before each loop around the statement whose rounds aren't known.
        ends_in_fit: Whether the last statement of the module trained a model.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.calls: list[Call] = []
        self.foreign: list[Call] = []
        self.models: list[Model] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.maybe = 0
        self.loops: list[ast.stmt] = []
        self.stack: list[ast.AST] = []
        self.since: list[int] = []
        self.before: list[dict[str, Value]] = []
        self.steps = 0
        self.ends_in_fit = False

    def read(self, tree: ast.Module) -> Scope:
        """Evaluates the module, then what it defines but never calls; returns its names."""
        scope = Scope()
        scope.names["__name__"] = Value("__main__")
        try:
            self._module(tree.body, scope)
            self._uncalled()
        except Exhausted:
            pass
        return scope

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """Returns what one expression is known to be."""
        self.steps += 1
        if self.steps > STEP_LIMIT:
            raise Exhausted
        return EXPRESSIONS[type(node)](self, node, scope)

    def execute(self, body: list[ast.stmt], scope: Scope) -> Left:
        """Runs a block; says how it was left early, None if it wasn't."""
        for statement in body:
            left = STATEMENTS[type(statement)](self, statement, scope)
            if left is not None:
                return left
        return None

    def unknown(self, node: ast.AST | None = None) -> Value:
        """Returns a value of which only the place is known."""
        return Value(UNKNOWN, node, self.file)

    def record(self, call: Call) -> Call:
        """Adds a call to the calls of the script."""
        call.maybe = self.maybe > 0
        call.loop = self.loops[-1] if self.loops else None
        (self.calls if call.keras else self.foreign).append(call)
        return call

    def _module(self, body: list[ast.stmt], scope: Scope) -> None:
        for statement in body:
            before = len(self.calls)
            self._survive(functools.partial(self.execute, [statement], scope))
            self.ends_in_fit = any(call.kind in FITS for call in self.calls[before:])

    def _uncalled(self) -> None:
        nothing = Arguments([], {}, open=True)
        for cls in list(self.classes):
            if not cls.used:
                self._survive(functools.partial(construct, self, cls, nothing, cls.definition))
        # Evaluating one function may define the next.
        for function in self.functions:
            if function.calls == 0:
                receiver = function.owner.instance if function.owner else None
                self._survive(functools.partial(call_function, self, function, nothing, receiver))

    def _survive(self, step: Callable[[], object]) -> None:
        try:
            step()
        except RecursionError:
            # An expression nested deeper than Python's stack; the next one may be fine.
            self.maybe, self.loops, self.stack = 0, [], []
