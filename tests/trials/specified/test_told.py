"""A fix that had no time for a proof is no fix, and is told."""

from __future__ import annotations

import types

from unstuck.report.fixed import lines, sentence
from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.specified.change import Change
from unstuck.trials.specified.fixing import Fixing
from unstuck.trials.specified.search import Tried

THAW = Change("OPT105", "frozen_weights", "thaw", "Let the whole model learn.", lambda spec: spec)
STUCK = types.SimpleNamespace(verdict="stuck", summary="It is not training.", findings=(), fits=())


def test_what_looked_good_without_a_proof_is_told_as_such():
    tried = Tried(THAW, (), Compared(EXPLAINED, "validation", 0.8, 0.1))
    found = Fixing(None, STUCK, changes=(THAW,), tried=(tried,), trials=2)
    assert not found.proven
    assert sentence(found).startswith("thaw may help, but that isn't proven")
    assert any("0.1000 → 0.8000" in line or "0.1 → 0.8" in line for line in lines(found))


def test_nothing_found_is_told_as_such():
    assert sentence(Fixing(None, STUCK)).startswith("No change brought a gain")
