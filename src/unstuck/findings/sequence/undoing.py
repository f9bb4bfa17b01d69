"""The edits that give series back their own steps, in the source or inside the model."""

from __future__ import annotations

from unstuck.case.facts import ModelFacts, Place
from unstuck.findings.in_front import in_front
from unstuck.findings.sequence.reach import RECURRENT, TRANSPARENT
from unstuck.findings.sequence.reshapes import Reshape, Torn, reshapes, torn
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call
from unstuck.observe.framing import AxisFacts

MOVING = ("Permute", "Reshape", "Transpose", "Swapaxes", "Moveaxis", "Lambda")
"""Layers and operations that give a batch other axes, or may."""


def blamed(scripts: Scripts) -> Torn | Reshape | None:
    """Returns the reshaping that is to blame: one that is wrong as written, else the only one."""
    for script in scripts.values():
        for one in torn(script):
            return one
    found = [one for script in scripts.values() for one in reshapes(script)]
    return found[0] if len(found) == 1 else None


def place_of(site: Torn | Reshape | None) -> Place | None:
    """Returns where a reshaping is written."""
    one = site.reshape if isinstance(site, Torn) else site
    return one.place if one is not None else None


def undone(site: Torn | Reshape | None, reading: str) -> Edits:
    """Returns the edit of the reshaping itself, empty where it does not tell what was meant."""
    if isinstance(site, Torn):
        return site.edits
    return site.regrouped() if site is not None and reading == "reshaped" else ()


def inside_model(facts: AxisFacts, reading: str, model: ModelFacts, scripts: Scripts) -> Edits:
    """Returns the edit that reads the memory inside the model as it is meant, for all data."""
    readers = [layer for layer in model.layers if layer.kind not in TRANSPARENT]
    call = layer_call(readers[0], scripts) if readers[0].kind in RECURRENT else None
    script = scripts.get(call.file) if call else None
    section = keras_name(script, "layers") if script else None
    if call is None or script is None or section is None:
        return ()
    cut = f"{section}.Reshape(({facts.features}, {facts.steps}))"
    turn = f"{section}.Permute((2, 1))"
    layers = {"swapped": (turn,), "strided": (cut,), "reshaped": (cut, turn)}[reading]
    return in_front(call, script, *layers)


def moves_axes(model: ModelFacts) -> bool:
    """Whether the model itself moves the axes before its first recurrent layer."""
    for layer in model.layers:
        if layer.kind in RECURRENT:
            return False
        if layer.kind in MOVING or not layer.stock:
            return True
    return False
