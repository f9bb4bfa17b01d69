"""What an expression is known to be: a constant, a Keras call, a reference, or UNKNOWN."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from unstuck.case.facts import Place


class Unknown:
    """What can't be read from the source. Falsy, and equal to nothing but itself."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Value:
    """What one expression is known to be.

    Attributes:
        content: A constant, a list, tuple or dict of Values, a Call, a Model, a Reference, or
            UNKNOWN. Rules read ``value``, which has plain items.
        node: The expression that wrote it, at its origin: for ``lr = 0.1; Adam(lr)`` it is the
            ``0.1``. None for defaults.
        file: The script.
    """

    __slots__ = ("content", "file", "node")

    def __init__(self, content: Any, node: ast.AST | None = None, file: str = "") -> None:
        self.content = content
        self.node = node
        self.file = file

    def __repr__(self) -> str:
        return f"Value({self.value!r})"

    @property
    def place(self) -> Place | None:
        """Where the value is written, None for a default."""
        line = getattr(self.node, "lineno", None)
        return None if line is None else Place(self.file, line)

    @property
    def known(self) -> bool:
        """Whether all of it could be read; a Keras object counts, a foreign result doesn't."""
        return _known(self.content)

    @property
    def value(self) -> Any:
        """The plain value; UNKNOWN stands for what could not be read, also inside containers."""
        return _plain(self.content)

    @property
    def items(self) -> tuple[Value, ...]:
        """The elements of a list or tuple, each with its own place; empty for anything else."""
        return tuple(self.content) if isinstance(self.content, list | tuple) else ()

    @property
    def entries(self) -> Mapping[Any, Value]:
        """The entries of a dict; empty for anything else."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def name(self) -> str | None:
        """The string itself, or the name of the class or function that it denotes."""
        if isinstance(self.content, str):
            return self.content
        return getattr(self.content, "kind", None)

    @property
    def call(self) -> Call | None:
        """The call that made it, None for anything else."""
        return self.content if isinstance(self.content, Call) else None

    @property
    def alternatives(self) -> tuple[Value, ...]:
        """What it may be, where that depends on a condition; else only itself."""
        return self.content.options if isinstance(self.content, Choice) else (self,)


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, by a condition that isn't known."""

    options: tuple[Value, ...]


@dataclasses.dataclass(eq=False, slots=True)
class Reference:
    """A class, function or module by name, not called.

    Attributes:
        path: Canonical dotted path, for example "keras.activations.softmax".
        definition: Where the script itself defines it, else None.
    """

    path: str
    definition: ast.AST | None = None

    @property
    def kind(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


@dataclasses.dataclass(eq=False, slots=True)
class Call:
    """One call in the source, with what is known of its arguments.

    Attributes:
        kind: "LSTM", "Adam", "compile", "fit", or the name of a class of the script.
        path: Canonical dotted path, for example "keras.layers.LSTM"; "keras.Model.fit".
        node: The call; for a model class that the script never calls, the class.
        arguments: By Keras's parameter names; positions that have no name are "0", "1", …
        definition: Where the script itself defines the class, else None.
        receiver: For a method, the object that it is called on.
        inputs: For a layer, the layers whose output it reads.
        states: Those of the inputs that a recurrent layer takes as its initial state.
        inside: For a layer, the wrapper, model or layer that holds it.
        holds: For a wrapper, the layers in it.
        maybe: Whether it depends on a condition that isn't known.
        loop: The innermost loop around it.
        open: Whether unreadable ``*args`` or ``**kwargs`` may set further arguments.
        attributes: What the script sets on the object later, for example ``trainable``.
        origin: The class of the script, as the evaluation sees it.
        model: The model, if the call constructs one.
    """

    kind: str
    path: str
    node: ast.Call | ast.ClassDef
    file: str
    arguments: dict[str, Value]
    definition: ast.AST | None = None
    receiver: Value | None = None
    inputs: tuple[Call, ...] = ()
    states: tuple[Call, ...] = ()
    inside: Call | None = None
    holds: tuple[Call, ...] = ()
    maybe: bool = False
    loop: ast.stmt | None = None
    open: bool = False
    attributes: dict[str, Value] = dataclasses.field(default_factory=dict)
    origin: Any = None
    model: Any = None

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value.value!r}" for name, value in self.arguments.items())
        return f"{self.kind}({given})"

    @property
    def place(self) -> Place:
        """Line of the called name, which for chained methods isn't that of the expression."""
        callee = getattr(self.node, "func", None)
        line = callee.end_lineno if isinstance(callee, ast.Attribute) else None
        return Place(self.file, line or self.node.lineno)

    @property
    def line(self) -> int:
        """First line of the whole expression."""
        return self.node.lineno

    @property
    def end_line(self) -> int:
        """Last line of the whole expression."""
        return self.node.end_lineno or self.node.lineno

    @property
    def keras(self) -> bool:
        """Whether it calls Keras, or a class of the script that derives from Keras's."""
        return self.path.startswith("keras.") or self.definition is not None

    @property
    def layer(self) -> bool:
        """Whether it makes a layer, a nested model, or an input."""
        if self.origin is not None:
            return str(self.origin.keras_base).startswith(("keras.layers.", "keras.Model"))
        return self.path.startswith(LAYER_PATHS)

    def get(self, name: str, default: Any = None) -> Value:
        """Returns an argument, or the default as a known Value if it isn't given."""
        if name in self.arguments:
            return self.arguments[name]
        return Value(UNKNOWN if self.open else default)


LAYER_PATHS = ("keras.layers.", "keras.Input", "keras.Sequential", "keras.Model")


def _known(content: Any) -> bool:
    if isinstance(content, list | tuple):
        return all(_known(item.content) for item in content)
    if isinstance(content, dict):
        return UNKNOWN not in content and all(_known(item.content) for item in content.values())
    if isinstance(content, Call):
        return content.keras
    if isinstance(content, Reference):
        # A name imported from elsewhere may be a number as well as a function.
        return content.definition is not None or content.path.startswith(_FRAMEWORKS)
    return not isinstance(content, Unknown | Choice | Opaque)


_FRAMEWORKS = ("keras.", "tensorflow.", "jax.", "torch.", "builtins.")


def _plain(content: Any) -> Any:
    if isinstance(content, list):
        return [_plain(item.content) for item in content]
    if isinstance(content, tuple):
        return tuple(_plain(item.content) for item in content)
    if isinstance(content, dict):
        return {key: _plain(item.content) for key, item in content.items()}
    return UNKNOWN if isinstance(content, Choice | Opaque) else content


class Opaque:
    """Marks contents that the evaluation needs and a rule does not see: tensors, objects."""

    __slots__ = ()
