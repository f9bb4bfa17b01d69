"""What every finding has in common: a rule judges one cause, from the source or from a run.

A rule's class docstring is its documentation page. Its two witnesses are
``suspect(script)``, which sees only the source, and ``examine(...)``, whose
parameters name the measurements that it wants (see ``evidence.Evidence``).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from unstuck.case.facts import Place
from unstuck.record import Evidence as Quantities
from unstuck.record import Finding, Level, Location, Quantity, Severity, Treatment

if TYPE_CHECKING:
    from unstuck.case.script import Script
    from unstuck.findings.evidence import Evidence


class Rule:
    """One cause and the two ways to witness it; a subclass in each ``<family>/<cause>.py``.

    Attributes:
        code: Family letters and a number that never changes, for example "OUT101".
        name: Reads well after "allow", for example "softmax-on-one-unit".
        cause: The cause's name in the catalogue; also the name of the module.
        explains: Causes that this one produces as symptoms; their findings rank behind it.
        weight: Rank among findings of equal severity, higher first. It answers: if both
            hold, which repair matters more? Laws of data and contract (100) before
            framing (80), cells (60), optimization (40), generalization (20).
        sick: A tiny script that has the fault, for the page and the tests.
        healthy: The same script without it.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    cause: ClassVar[str]
    explains: ClassVar[tuple[str, ...]] = ()
    weight: ClassVar[int] = 50
    sick: ClassVar[str] = ""
    healthy: ClassVar[str] = ""

    def suspect(self, script: Script) -> Iterable[Finding]:
        """Yields what the source alone shows, at level "suspected"."""
        return ()

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Calls ``examine`` with the measurements that its parameters name.

        A measurement that the run does not have (None) keeps the rule silent, unless the
        parameter's default is None.
        """
        examine = getattr(self, "examine", None)
        if examine is None:
            return
        wanted = {}
        for parameter in inspect.signature(examine).parameters.values():
            measured = getattr(evidence, parameter.name)
            if measured is None and parameter.default is inspect.Parameter.empty:
                return
            wanted[parameter.name] = measured
        yield from examine(**wanted)

    def found(
        self,
        message: str,
        *,
        severity: Severity = "error",
        level: Level = "observed",
        confidence: float = 0.9,
        place: Place | None = None,
        layer: str | None = None,
        evidence: Quantities | None = None,
        treatments: Iterable[Treatment] = (),
    ) -> Finding:
        """Makes this rule's finding."""
        return Finding(
            code=self.code,
            name=self.name,
            cause=self.cause,
            severity=severity,
            level=level,
            confidence=confidence,
            message=message,
            location=Location(
                file=place.file if place else None,
                line=place.line if place else None,
                layer=layer,
            ),
            evidence=evidence or {},
            treatments=tuple(treatments),
            explains=self.explains,
        )


def number(value: float | int | None, unit: str = "1") -> Quantity:
    """A quantity of evidence, rounded to the six digits that a float32 carries."""
    return Quantity(None if value is None else float(f"{value:.6g}"), unit)
