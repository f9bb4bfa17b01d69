"""In which reading of its memory do the samples of an input make sense as series?"""

from __future__ import annotations

from unstuck.observe.framing import AxisFacts, LayoutFacts

CONTRAST = 0.1
"""Correlation by which neighbours of another reading must be more alike: a tenth is more than what
the choice among three readings adds by chance, and less than any series that is worth reading."""
ERRORS = 4.0
"""Standard errors by which it must exceed what is given: 1 in 10,000 by chance."""
HALF = 0.5
"""Share of the likeness that must be gone at a seam, and must be left across the given steps."""
ORDERED = 0.01
"""Chance below which the places of an axis are in an order."""
UNORDERED = 0.05
"""Chance from which they are in none that can be seen."""


def meant(facts: AxisFacts) -> str | None:
    """Returns the reading in which the input makes sense, None if the one given does."""
    if facts.shifted:
        return None
    moved = _moved_on(facts)
    if moved is not None:
        return moved
    tests = {"reshaped": _breaks_at_seams, "strided": _goes_on, "swapped": _only_other_axis}
    held = [name for name, test in tests.items() if name in facts.layouts and test(facts)]
    return held[0] if held else None


def of_other_kinds(facts: AxisFacts) -> bool:
    """Whether steps hold quantities of their own, and features are all of one distribution."""
    own, features, chance = facts.own, facts.feature_own, facts.own_by_chance
    return None not in (own, features, chance) and (own or 0) > (chance or 0) > (features or 0)


def _moved_on(facts: AxisFacts) -> str | None:
    """Returns the reading in which the samples are windows that move on in time."""
    # Pieces of a row move on as the row does: the longer rows are whole.
    rows = ("reshaped", "swapped") if facts.steps > facts.features else ("swapped", "reshaped")
    for reading in (*rows, "strided"):
        layout = facts.layouts.get(reading)
        # One long series moves on along any stride; then nothing is more alike than the next value.
        long = reading == "strided" and layout is not None and layout.seam > layout.alike
        if layout is not None and layout.shifted and not long:
            return reading
    return None


def _exceeds(facts: AxisFacts, layout: LayoutFacts) -> bool:
    return min(layout.alike, layout.across) - facts.given > max(CONTRAST, ERRORS * layout.error)


def _breaks_at_seams(facts: AxisFacts) -> bool:
    """Whether likeness goes on across the steps as given, and breaks off where series would end."""
    layout = facts.layouts["reshaped"]
    broken = layout.seam < HALF * min(layout.across, layout.lowest)
    return _exceeds(facts, layout) and broken and layout.across > HALF * layout.alike


def _goes_on(facts: AxisFacts) -> bool:
    """Whether values a stride apart are more alike than at any other distance in memory."""
    layout = facts.layouts["strided"]
    more = layout.alike - layout.seam > max(CONTRAST, ERRORS * layout.error)
    return _exceeds(facts, layout) and more and layout.across > HALF * layout.alike


def _only_other_axis(facts: AxisFacts) -> bool:
    """Whether the features are in an order and the steps are not, nor all of one distribution."""
    layout = facts.layouts["swapped"]
    ordered = facts.feature_order is not None and facts.feature_order < ORDERED
    unordered = facts.order is None or facts.order > UNORDERED or facts.given < CONTRAST
    # Steps in time are of one distribution, features of their own.
    own, features = facts.own or 0.0, facts.feature_own or 0.0
    contradicted = features > max(own, facts.own_by_chance or 0.0)
    more = layout.alike - facts.given > max(HALF * layout.alike, ERRORS * layout.error)
    return ordered and unordered and more and layout.alike > CONTRAST and not contradicted
