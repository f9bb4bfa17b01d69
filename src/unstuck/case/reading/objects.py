"""What the names of a script are bound to: scopes, functions, objects, tensors."""

from __future__ import annotations

import ast
import dataclasses
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.values import (
    UNKNOWN,
    Call,
    Choice,
    Opaque,
    Reference,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from unstuck.case.reading.models import Model

ALTERNATIVES_CAP = 6
"""More ways than this to write one value tell nothing any more."""


class Scope:
    """Names of a module, class or function body, and the scope around it.

    Attributes:
        returns: What the function may return, in the order of its return statements.
        shared: Names declared global or nonlocal.
        method_of: The class whose method this body is, for ``super()``.
        instance: The ``self`` of that method.
    """

    __slots__ = ("instance", "method_of", "names", "parent", "returns", "shared")

    def __init__(self, parent: Scope | None = None) -> None:
        self.names: dict[str, Value] = {}
        self.parent = parent
        self.returns: list[Value] = []
        self.shared: set[str] = set()
        self.method_of: Class | None = None
        self.instance: Value | None = None

    def look_up(self, name: str) -> Value | None:
        """Returns what a name is bound to, None if nothing binds it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def bind(self, name: str, value: Value) -> None:
        """Binds a name here, or where ``global`` and ``nonlocal`` say."""
        scope = self
        if name in self.shared and self.parent is not None:
            scope = self.parent
            while name not in scope.names and scope.parent is not None:
                scope = scope.parent
        scope.names[name] = value


@dataclasses.dataclass(eq=False, slots=True)
class Function(Reference):
    """A function or lambda of the script, with the scope that it closes over."""

    scope: Scope = dataclasses.field(default_factory=Scope)
    defaults: dict[str, Value] = dataclasses.field(default_factory=dict)
    calls: int = 0
    owner: Class | None = None

    @property
    def decorators(self) -> set[str]:
        """Last names of its decorators."""
        return decorators(self.definition)


@dataclasses.dataclass(eq=False, slots=True)
class Class(Reference):
    """A class of the script."""

    scope: Scope = dataclasses.field(default_factory=Scope)
    bases: tuple[Value, ...] = ()
    fields: tuple[str, ...] = ()
    used: bool = False
    instance: Value | None = None

    @property
    def keras_base(self) -> str | None:
        """Path of the Keras class that it derives from, None if it doesn't."""
        for base in self.bases:
            if isinstance(base.content, Class):
                if base.content.keras_base:
                    return base.content.keras_base
            elif isinstance(base.content, Reference) and base.content.path.startswith("keras."):
                return base.content.path
        return None

    def member(self, name: str) -> Value | None:
        """Returns a class attribute or method, looked up through the script's own bases."""
        if name in self.scope.names:
            return self.scope.names[name]
        for base in self.bases:
            if isinstance(base.content, Class) and (found := base.content.member(name)):
                return found
        return None


@dataclasses.dataclass(eq=False, slots=True)
class Instance(Opaque):
    """An object of a class of the script that isn't Keras's, or a namespace."""

    origin: Class | None = None
    attributes: dict[str, Value] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(eq=False, slots=True)
class Method(Opaque):
    """A function of a class, bound to its object."""

    function: Function
    receiver: Value


@dataclasses.dataclass(eq=False, slots=True)
class Partial(Opaque):
    """A callable with some arguments already given."""

    callee: Value
    arguments: Arguments


@dataclasses.dataclass(eq=False, slots=True)
class Tensor(Opaque):
    """A symbolic tensor.

    Attributes:
        call: The layer or function that made it, None for operators and indexing.
        inputs: The tensors it was made from.
        operator: For those without a call, "index" or "arithmetic".
        order: Rises with every tensor that is made, so inputs come before what uses them.
    """

    call: Call | None = None
    inputs: tuple[Tensor, ...] = ()
    operator: str = ""
    order: int = dataclasses.field(default_factory=itertools.count().__next__)
    attributes: dict[str, Value] = dataclasses.field(default_factory=dict)
    origin: Class | None = None


@dataclasses.dataclass(slots=True)
class Arguments:
    """The arguments of one call; ``open`` if unreadable ``*`` or ``**`` may add more."""

    positional: list[Value]
    keywords: dict[str, Value]
    open: bool = False

    def everything(self) -> Iterator[Value]:
        """Yields all values."""
        yield from self.positional
        yield from self.keywords.values()

    def at(self, position: int, name: str) -> Value:
        """Returns one argument, UNKNOWN if it is not given."""
        if position < len(self.positional):
            return self.positional[position]
        return self.keywords.get(name, Value(UNKNOWN))


def decorators(definition: ast.AST | None) -> set[str]:
    """Returns the last names of the decorators of a function or class."""
    found = set()
    for node in getattr(definition, "decorator_list", ()):
        target = node.func if isinstance(node, ast.Call) else node
        found.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return found


def choose(values: list[Value]) -> Value:
    """Returns the one value that all agree on, or a Choice of the distinct ones."""
    options: list[Value] = []
    for value in values:
        for option in value.alternatives:
            if not any(same(option, other) for other in options):
                options.append(option)
    if len(options) == 1:
        return options[0]
    if not options or len(options) > ALTERNATIVES_CAP:
        return Value(UNKNOWN)
    return Value(Choice(tuple(options)), options[0].node, options[0].file)


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same object or equal constants."""
    if one.content is other.content:
        return True
    plain = (str, int, float, bool, bytes)
    return (
        isinstance(one.content, plain)
        and type(one.content) is type(other.content)
        and bool(one.content == other.content)
    )


def tensors(value: Value) -> Iterator[Tensor]:
    """Yields the tensors in a value, through lists, tuples, dicts and alternatives."""
    content = value.content
    if isinstance(content, Tensor):
        yield content
    elif isinstance(content, list | tuple):
        for item in content:
            yield from tensors(item)
    elif isinstance(content, dict):
        for item in content.values():
            yield from tensors(item)
    elif isinstance(content, Choice):
        for item in content.options:
            yield from tensors(item)


def producers(tensor: Tensor) -> Iterator[Call]:
    """Yields the layer that made a tensor, or those behind the operators that did."""
    if tensor.call is not None and tensor.call.layer:
        yield tensor.call
    else:
        for source in tensor.inputs:
            yield from producers(source)


def layer_calls(value: Value) -> Iterator[Call]:
    """Yields the layers in a value: one, a list of them, a nested model's own call."""
    content: Call | Model | Unknown | Any = value.content
    if isinstance(content, Call) and content.layer:
        yield content
    elif isinstance(content, list | tuple):
        for item in content:
            yield from layer_calls(item)
    elif isinstance(content, dict):
        for item in content.values():
            yield from layer_calls(item)
    elif isinstance(content, Choice):
        for item in content.options:
            yield from layer_calls(item)
    elif isinstance(content, Tensor) and content.call is not None:
        yield content.call
    elif hasattr(content, "constructor"):
        yield content.constructor
