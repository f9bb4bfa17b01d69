"""Changes of a specification, one small file each, of stock Keras objects only.

Each is a function from a specification to another, None where it does not apply. Which cause it
answers, and what it is called, is that of the change of scripts of the same name.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, Protocol

from unstuck.trials.specified.specification import Specification

TREATMENTS: tuple[str, ...] = (
    *("fit_output", "normalize_inputs", "scale_targets", "mask_padding", "stateless", "thaw"),
    *("default_weights", "default_cells", "clip_gradients", "slower", "faster", "adam"),
    *("momentum", "rmsprop", "usual_batches", "more_epochs", "weigh_classes", "less_dropout"),
    *("no_penalty", "stop_early", "drop_out", "decay_weights", "lower_rate_on_plateau"),
    *("cosine_decay", "fewer_units", "more_units"),
)
"""The modules of this package, in the order in which they are tried."""


class General(Protocol):
    """What a module of this package defines."""

    __name__: str

    def applied(self, spec: Specification) -> Specification | None:
        """Returns a specification with the treatment, None where it does not apply."""


def answering(cause: str) -> Iterator[tuple[General, str]]:
    """Yields the treatments that answer a cause, with what each does."""
    for name in TREATMENTS:
        module: Any = importlib.import_module(f"{__name__}.{name}")
        words = module
        if not hasattr(module, "CAUSES"):
            words = importlib.import_module(f"unstuck.trials.treatments.{name}")
        if cause in words.CAUSES:
            yield module, words.SUMMARY
