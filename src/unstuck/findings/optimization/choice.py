"""The optimizer that a script passes to ``compile``, and the edits that change it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import CompileFacts, Place
from unstuck.case.script import UNKNOWN, Call, Model, Script, Value
from unstuck.findings.course import USUAL_RATE
from unstuck.findings.sites import (
    Edits,
    Scripts,
    argument_edit,
    call_at,
    constant_edit,
    keras_name,
    written,
)

DEFAULT_RATE = {name: 1e-3 for name in USUAL_RATE} | {"SGD": 1e-2}
"""The rates that Keras 3 takes where none is given."""
KNOWN_CALLBACKS = (
    *("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau", "TensorBoard", "CSVLogger"),
    *("TerminateOnNaN", "History", "ProgbarLogger", "BackupAndRestore"),
)
"""Callbacks that leave the rate alone or lower it; any other may set it."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """One choice of optimizer.

    Attributes:
        script: The script that makes it.
        compile: The call of ``compile`` that takes it.
        kind: Class of the optimizer, for example "Adam".
        value: The argument: a name such as "adam", or the call of the class.
        rate: Its learning rate if that is one number, as given or by default; else None.
        given: Whether the script gives it.
    """

    script: Script
    compile: Call
    kind: str
    value: Value
    rate: float | None
    given: bool

    @property
    def ratio(self) -> float | None:
        """The learning rate over the one that is usual for this optimizer."""
        return None if self.rate is None else self.rate / USUAL_RATE[self.kind]

    @property
    def place(self) -> Place | None:
        """Where the optimizer is written: its own call, or the name that stands for it."""
        return written(self.value)

    @property
    def rate_place(self) -> Place | None:
        """Where the learning rate is written; the optimizer where it isn't."""
        call = self.value.call
        given = call.get("learning_rate").place if call is not None else None
        return given or self.place

    def rated(self, rate: float) -> Edits:
        """Returns the edit that gives it another learning rate."""
        call = self.value.call
        if call is None:
            return self._constructed(f"learning_rate={rate:g}")
        # A schedule is more than a number, so no number replaces it.
        if call.get("learning_rate").call is not None:
            return ()
        return argument_edit(call, self.script, "learning_rate", f"{rate:g}")

    def clipped(self, norm: float) -> Edits:
        """Returns the edit that clips the norm of each gradient."""
        call = self.value.call
        if call is None:
            return self._constructed(f"clipnorm={norm}")
        return set_argument(call, self.script, "clipnorm", f"{norm}")

    def replaced(self, name: str) -> Edits:
        """Returns the edit that names another optimizer with its defaults."""
        return constant_edit(self.value, self.script, f'"{name}"') or set_argument(
            self.compile, self.script, "optimizer", f'"{name}"'
        )

    def _constructed(self, argument: str) -> Edits:
        """Returns the edit that puts a call of the class in the place of its name."""
        section = keras_name(self.script, "optimizers")
        if section is None:
            return ()
        made = f"{section}.{self.kind}({argument})"
        return set_argument(self.compile, self.script, "optimizer", made)


def choices(script: Script) -> Iterator[tuple[Model, Choice]]:
    """Yields every choice of an optimizer that the script shows, with its model."""
    for model in script.models:
        for call in model.compiles:
            choice = _choice(script, call)
            if choice is not None and not _set_later(model, choice):
                yield model, choice


def choice_at(compiled: CompileFacts, scripts: Scripts) -> Choice | None:
    """Returns the choice in the call of ``compile`` that ran, None where it can't be read."""
    call = call_at(compiled.place, "compile", scripts)
    if call is None or compiled.place is None:
        return None
    choice = _choice(scripts[compiled.place.file], call)
    return choice if choice is not None and choice.kind == compiled.optimizer.name else None


def _choice(script: Script, call: Call) -> Choice | None:
    value = call.get("optimizer")
    made = value.call
    if isinstance(value.content, str):
        kind = _kind(value.content)
        return (
            None if kind is None else Choice(script, call, kind, value, DEFAULT_RATE[kind], False)
        )
    if made is None or not made.path.startswith("keras.optimizers.") or made.definition is not None:
        return None
    kind = _kind(made.kind)
    if kind is None or made.open:
        return None
    given = made.get("learning_rate", UNKNOWN).value
    if "learning_rate" not in made.arguments:
        # Before Keras 3 the rate was "lr" as well; what that means now is an exception.
        rate = None if "lr" in made.arguments else DEFAULT_RATE[kind]
        return Choice(script, call, kind, value, rate, False)
    number = isinstance(given, int | float) and not isinstance(given, bool) and given > 0
    return Choice(script, call, kind, value, float(given) if number else None, True)


def _kind(name: str) -> str | None:
    """Returns the class name of an optimizer; Keras takes its name in any case."""
    return next((kind for kind in USUAL_RATE if kind.lower() == name.lower()), None)


def _set_later(model: Model, choice: Choice) -> bool:
    """Whether something else than the optimizer decides its rate while it trains."""
    call = choice.value.call
    if call is not None and call.attributes.keys() & {"learning_rate", "lr"}:
        return True
    return any(_scheduling(fit.get("callbacks")) for fit in model.fits)


def _scheduling(callbacks: Value) -> bool:
    given = callbacks.items if isinstance(callbacks.content, list | tuple) else (callbacks,)
    return any(item.content is not None and item.name not in KNOWN_CALLBACKS for item in given)
