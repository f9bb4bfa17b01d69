"""A loss of the user's own as its source shows it: what computes it, from which names."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from functools import cached_property

from unstuck.case.facts import Place
from unstuck.case.script import Script
from unstuck.findings.sites import Scripts

Function = ast.FunctionDef | ast.Lambda

COMPUTING = ("call", "__call__")
"""Methods that compute the loss in a class."""
STEPS = ("compute_loss", "train_step")
"""Methods in which a model computes its own loss."""


@dataclasses.dataclass(frozen=True)
class OwnLoss:
    """A function or class of the script that computes a loss.

    Attributes:
        definition: The function, or the class's ``call``.
        is_class: Whether Keras leaves the shapes to it.
        targets: Name of its first argument.
        predictions: Name of its second argument.
    """

    script: Script
    definition: Function
    is_class: bool
    targets: str
    predictions: str

    @classmethod
    def of(cls, name: str, scripts: Scripts) -> OwnLoss | None:
        """Finds a loss by the name that Keras shows, None where no source defines it."""
        for script in scripts.values():
            for definition, is_class in _definitions(script, name):
                names = [given.arg for given in definition.args.args if given.arg != "self"]
                if len(names) >= 2:
                    return cls(script, definition, is_class, names[0], names[1])
        return None

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; of a lambda, the return of its expression."""
        if isinstance(self.definition, ast.Lambda):
            returned = ast.Return(self.definition.body)
            return [ast.copy_location(returned, self.definition.body)]
        return self.definition.body

    @cached_property
    def names(self) -> frozenset[str]:
        """All names and attributes that it uses."""
        return frozenset(used(self.definition))

    @property
    def place(self) -> Place:
        """The line of its definition."""
        return self.at(self.definition)

    @property
    def comparison(self) -> Place:
        """The line on which it first compares its arguments, else that of its definition."""
        arguments = {self.targets, self.predictions}
        for node in ast.walk(self.definition):
            if isinstance(node, ast.expr) and _compares(node) and arguments <= set(used(node)):
                return self.at(node)
        return self.place

    def at(self, node: ast.AST) -> Place:
        """Returns the place of one of its expressions."""
        return self.script.where(getattr(node, "lineno", 1))


def own_losses(script: Script) -> Iterator[OwnLoss]:
    """Yields every loss of the script's own that a model is compiled with, each once."""
    heads = [head.loss for model in script.models for head in model.heads]
    losses = [*heads, *(model.loss for model in script.models)]
    names = dict.fromkeys(loss.name for loss in losses if loss is not None and loss.custom)
    for name in names:
        found = OwnLoss.of(name, {script.path: script})
        if found is not None:
            yield found


def own_step(script: Script) -> Place | None:
    """Returns where a model's own step first compares its arguments with its predictions."""
    for node in script.nodes(ast.FunctionDef):
        if node.name in STEPS:
            for inner in ast.walk(node):
                if isinstance(inner, ast.expr) and _compares(inner):
                    return script.where(inner.lineno)
    return None


def step_names(script: Script) -> frozenset[str]:
    """Returns the names that the models' own steps use."""
    methods = [node for node in script.nodes(ast.FunctionDef) if node.name in STEPS]
    return frozenset(name for method in methods for name in used(method))


def used(tree: ast.AST) -> Iterator[str]:
    """Yields the names and attributes in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def _compares(node: ast.AST) -> bool:
    """Whether a node subtracts or multiplies two plain names, as in ``y - y_pred``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Mult):
        return isinstance(node.left, ast.Name) and isinstance(node.right, ast.Name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("subtract", "multiply") and len(node.args) == 2
    return False


def _definitions(script: Script, name: str) -> Iterator[tuple[Function, bool]]:
    yield from ((node, False) for node in script.nodes(ast.FunctionDef) if node.name == name)
    for owner in script.nodes(ast.ClassDef):
        if owner.name == name:
            methods = [item for item in owner.body if isinstance(item, ast.FunctionDef)]
            yield from ((item, True) for item in methods if item.name in COMPUTING)
    if name == "<lambda>":
        yield from ((node, False) for node in script.nodes(ast.Lambda))
