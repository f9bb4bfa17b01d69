"""What Python code uses to fix a model; apart, as whoever only watches needs no trials."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from unstuck.errors import UsageError
from unstuck.report.fixed import lines, sentence
from unstuck.trials.specified.fixing import Fixing, apart
from unstuck.trials.specified.specification import Specification


class Fixed(Fixing):
    """What ``fix`` came to: ``print`` it for the whole story, take ``model`` from it."""

    @classmethod
    def of(cls, found: Fixing) -> Fixed:
        """Wraps what the trials gave."""
        return cls(**{one.name: getattr(found, one.name) for one in dataclasses.fields(found)})

    @property
    def sentence(self) -> str:
        """What came of it, in one sentence."""
        return sentence(self)

    def __str__(self) -> str:
        return "\n".join(lines(self))

    __repr__ = __str__


def fix(
    model: Any, x: Any, y: Any, *, budget: float | None = None, seeds: int = 3, **fit_arguments: Any
) -> Fixed:
    """Looks for the smallest change that makes a model learn, and proves that it does.

    >>> fixed = unstuck.fix(model, x, y, epochs=20, validation_data=(x_val, y_val))
    >>> print(fixed)
    >>> fixed.model.predict(x_new)

    Trials are trained from new weights where the model was trained before. Without validation
    data every fifth row is held out to judge by. The model, its optimizer and the random states
    stay as they are; ``fixed.model`` is another one, of stock Keras objects. A model that trains,
    and one whose data hold no signal, gets no change.

    Args:
        model: A built Keras model that was compiled with a loss and an optimizer of Keras.
        x: Inputs as arrays.
        y: Targets as arrays.
        budget: Seconds; None for 15 trainings, at least two minutes.
        seeds: Pairs of trials for a proof; with fewer than three nothing is proven.
        **fit_arguments: What ``fit`` is given besides.

    Raises:
        SpecificationError: If the training can't be described so that it can be repeated, for
            example with a loss of your own; it says what remains possible.
        UsageError: If ``budget`` or ``seeds`` is something else.
    """
    if budget is not None and not 0 < budget < math.inf:
        raise UsageError(f"Expected budget to be seconds above 0. Received: {budget!r}.")
    if seeds < 1:
        raise UsageError(f"Expected at least one seed. Received: {seeds!r}.")
    spec = Specification.of(model, x, y, **fit_arguments)
    return Fixed.of(apart(spec, seeds, budget))
