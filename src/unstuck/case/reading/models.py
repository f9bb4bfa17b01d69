"""A model as the source builds it: its layers in order, its heads, and how it is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.objects import Class, Tensor, tensors
from unstuck.case.reading.values import Call, Value

if TYPE_CHECKING:
    from unstuck.case.reading.contract import Head, Loss


@dataclasses.dataclass(eq=False, slots=True)
class Model:
    """One model of a script.

    Attributes:
        kind: "sequential", "functional", "subclassed"; "loaded" from a file or "unknown" where
            the script shows only how it is trained.
        constructor: The call that makes it.
        layers: In the order in which data pass through them; those inside wrappers, nested
            models and layers of the script follow their holder. ``keras.Input`` counts.
        heads: The outputs, each with its last activation and its loss.
        compiles: All calls of ``compile``; ``compile`` is the last.
        fits: Calls of ``fit``, each place once.
        nested: Whether it serves as a layer of another model.
        stack: What was added to a Sequential model.
        created: Layers that a subclass keeps in its attributes.
        inputs: What a functional model is given.
        outputs: Likewise; for a subclass, what its ``call`` returns.
        attributes: What the script sets on it.
        complete: Whether the script is read to its end, so that layers and heads stay the same.
    """

    kind: str
    constructor: Call
    origin: Class | None = None
    nested: bool = False
    stack: list[Call] = dataclasses.field(default_factory=list)
    created: list[Call] = dataclasses.field(default_factory=list)
    inputs: Value | None = None
    outputs: Value | None = None
    compiles: list[Call] = dataclasses.field(default_factory=list)
    fits: list[Call] = dataclasses.field(default_factory=list)
    evaluates: list[Call] = dataclasses.field(default_factory=list)
    predicts: list[Call] = dataclasses.field(default_factory=list)
    attributes: dict[str, Value] = dataclasses.field(default_factory=dict)
    complete: bool = False
    _known: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Model({self.kind}, {list(self.layers)!r})"

    @property
    def compile(self) -> Call | None:
        """The last call of ``compile``, None if there is none."""
        return self.compiles[-1] if self.compiles else None

    @property
    def layers(self) -> tuple[Call, ...]:
        """All layers, those that others hold included."""
        found: tuple[Call, ...] = self._once("layers", self._all_layers)
        return found

    @property
    def heads(self) -> tuple[Head, ...]:
        """The outputs, as far as they can be followed."""
        from unstuck.case.reading.contract import heads

        found: tuple[Head, ...] = self._once("heads", lambda: heads(self))
        return found

    @property
    def loss(self) -> Loss | None:
        """The loss, where there is one for all outputs and it is known."""
        from unstuck.case.reading.contract import model_loss

        return model_loss(self)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        """Every rule asks for layers and heads, so they are worked out once."""
        if not self.complete:
            return make()
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]

    def _all_layers(self) -> tuple[Call, ...]:
        found: list[Call] = []
        for layer in self.own_layers():
            found.extend(inner for inner in _expanded(layer) if inner not in found)
        return tuple(found)

    def own_layers(self) -> tuple[Call, ...]:
        """Returns the layers that the model itself holds, in the order of the data."""
        if self.stack:
            return tuple(self.stack)
        if self.outputs is None:
            return tuple(self.created)
        used = list(_through(list(tensors(self.outputs))))
        return (*used, *(layer for layer in self.created if layer not in used))

    def ends(self, side: str) -> Any:
        """Returns the content of ``input`` or ``output``, None where it isn't symbolic."""
        given = self.inputs if side == "input" else self.outputs
        if given is not None:
            return given.content
        chain = self.chain()
        return chain[-1 if side == "output" else 0] if chain else None

    def chain(self) -> list[Tensor]:
        """Returns what each layer of a Sequential model puts out."""
        made: list[Tensor] = []
        for layer in self.stack:
            made.append(Tensor(layer, tuple(made[-1:])))
        return made


def _expanded(layer: Call) -> Iterator[Call]:
    """Yields a layer and what it holds."""
    yield layer
    if layer.model is not None:
        for inner in layer.model.own_layers():
            inner.inside = inner.inside or layer
            yield from _expanded(inner)
    for inner in layer.holds:
        yield from _expanded(inner)


def _through(ends: list[Tensor]) -> Iterator[Call]:
    """Yields the layers behind some tensors in the order in which the script applies them."""
    reached: dict[int, Tensor] = {}
    work = list(ends)
    while work:
        tensor = work.pop()
        if tensor.order not in reached:
            reached[tensor.order] = tensor
            work.extend(tensor.inputs)
    given: set[Call] = set()
    for order in sorted(reached):
        call = reached[order].call
        if call is not None and call.layer and call not in given:
            given.add(call)
            yield call
