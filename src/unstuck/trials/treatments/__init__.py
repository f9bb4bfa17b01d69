"""Changes that answer a cause in general, one small file each.

A treatment reads the script and returns edits of it, none where it has no safe place. It uses
stock Keras objects only: the cured script and the model that it saves need no unstuck.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Protocol

from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.record import Edit, Treatment

TREATMENTS: tuple[str, ...] = (
    *("normalize_inputs", "scale_targets", "mask_padding", "stateless", "thaw"),
    *("default_weights", "default_cells", "clip_gradients", "slower", "faster", "adam"),
    *("momentum", "rmsprop", "usual_batches", "more_epochs", "less_dropout", "no_penalty"),
    *("stop_early", "drop_out", "jitter", "vary_sizes", "hide_steps", "decay_weights"),
    *("lower_rate_on_plateau", "cosine_decay", "warm_up", "fewer_units", "more_units"),
)
"""The modules of this package, in the order in which they are tried."""


class General(Protocol):
    """What a module of this package defines."""

    CAUSES: tuple[str, ...]
    SUMMARY: str

    def edits(self, script: Script) -> tuple[Edit, ...]:
        """Returns the edits of a script, none where the treatment has no place in it."""


def answering(cause: str, text: str) -> Iterator[Treatment]:
    """Yields the general treatments that answer a cause and have a place in a script."""
    modules = [(name, importlib.import_module(f"{__name__}.{name}")) for name in TREATMENTS]
    chosen = [(name, module) for name, module in modules if cause in module.CAUSES]
    if not chosen:
        return
    try:
        script = Script.parse(text)
    except UnstuckError:
        return
    for name, module in chosen:
        edits = module.edits(script)
        if edits:
            yield Treatment(name.replace("_", "-"), module.SUMMARY, edits)
