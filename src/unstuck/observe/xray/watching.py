"""When x-rays are taken in a training: of snapshots, once it is over.

A training step must not wait for an x-ray, nor for its compilation. So the training only leaves
copies of its variables behind, at the start, at a few moments spread over it and where something
jumps; after the last step one fixed batch is looked at with each of them.
"""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.backends import settled_values
from unstuck.observe.measuring import GRADIENT_NORM, NONFINITE, Steps
from unstuck.observe.xray.capture import Batch, Capture, PlaceOf, capture
from unstuck.observe.xray.sites import recurrent_layers, variables

Array = npt.NDArray[Any]
Values = list[Array]

SAMPLES = 64
"""Samples of the fixed batch: enough to tell a gradient from its noise, and no more than most
people's own batches."""
SPREAD = 4
"""Snapshots between start and end. Their steps double, since most happens early."""
JUMPS = 2
"""Snapshots at jumps; a training that jumps more often is seen by its steps."""
JUMP = 30.0
"""Times its recent median by which a gradient norm must jump: over a healthy training it falls by
a factor of ten or so, and thirty upwards is no part of that."""
RECENT = 256
"""Deliveries whose medians are kept for that: some thousands of steps, so that a run of any length
takes no more memory or time."""
MOST_BYTES = 2**28
"""Of all snapshots of a training together."""
SECONDS = 20.0
SHARE = 0.05
"""X-rays end after that many seconds, or that share of the training's own time if it is more."""


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The variables after some steps."""

    step: int
    reason: str
    values: Values

    def belongs(self, now: Values) -> bool:
        """Whether it is of a model that has such variables."""
        return [value.shape for value in self.values] == [value.shape for value in now]

    def repeats(self, now: Values) -> bool:
        """Whether it is what the model is now, to the last bit."""
        return self.reason != "start" and all(map(np.array_equal, self.values, now))


class XRays:
    """The snapshots of one training, and the x-rays that are made of them.

    Args:
        model: The model that is trained.
    """

    def __init__(self, model: Any) -> None:
        self._started = time.monotonic()
        self._wanted = bool(recurrent_layers(model))
        self._kept: list[Snapshot] = []
        self._next = 1
        self._due: str | None = None
        self._usual: collections.deque[float] = collections.deque(maxlen=RECENT)

    def begin(self, model: Any) -> None:
        """Takes the first snapshot, if the model has its weights already."""
        if self._wanted and model.built and not self._kept:
            self._keep(0, "start", settled_values(model, variables(model)))

    def pass_by(self, steps: Steps, step: int, values: Callable[[], Values | None]) -> None:
        """Takes a snapshot if it is time for one, or if these steps jumped.

        Args:
            steps: The steps since the last call.
            step: Number of steps made.
            values: Gives the variables as they are now, None if it can't.
        """
        if not self._wanted:
            return
        if self._jumped(steps):
            self._due = "jump"
        elif self._due is None and step >= self._next:
            self._due = "spread"
        self.rest(step, values)

    def rest(self, step: int, values: Callable[[], Values | None]) -> None:
        """Takes the snapshot that is due, where the variables can be read."""
        found = values() if self._due is not None else None
        if found is not None and self._due is not None:
            self._next = 2 * step
            self._keep(step, self._due, found)
            self._due = None

    def take(
        self, model: Any, batch: Batch, step: int, note: Callable[[Capture], None], place: PlaceOf
    ) -> None:
        """Looks at the batch as the model is now, then with the snapshots, until time is up."""
        if not self._wanted:
            return
        limit = max(SECONDS, SHARE * (time.monotonic() - self._started))
        begun = time.monotonic()
        now = settled_values(model, variables(model))
        order = ("start", "jump", "spread")
        shots = [shot for shot in self._kept if shot.belongs(now) and not shot.repeats(now)]
        found = [capture(model, batch, step=step, place_of=place)]
        for shot in sorted(shots, key=lambda shot: order.index(shot.reason)):
            if time.monotonic() - begun > limit:
                break
            found.append(
                capture(
                    model,
                    batch,
                    values=shot.values,
                    step=shot.step,
                    reason=shot.reason,
                    place_of=place,
                )
            )
        for one in sorted(found, key=lambda one: (one.facts.step, one.facts.reason == "end")):
            note(one)

    def _keep(self, step: int, reason: str, values: Values) -> None:
        size = sum(value.nbytes for value in values)
        if reason == "jump" and sum(shot.reason == "jump" for shot in self._kept) >= JUMPS:
            return
        if size * (len(self._kept) + 1) > MOST_BYTES:
            return
        self._kept.append(Snapshot(step, reason, values))
        spread = [shot for shot in self._kept if shot.reason == "spread"]
        if len(spread) > SPREAD:
            # The steps double, so the first two are closest to each other.
            self._kept.remove(spread[0])

    def _jumped(self, steps: Steps) -> bool:
        norms = np.sqrt(np.nansum(steps.values[:, :, GRADIENT_NORM].astype(float) ** 2, axis=1))
        broken = bool((np.nan_to_num(steps.values[:, :, NONFINITE]) > 0).any())
        finite = norms[np.isfinite(norms) & (norms > 0)]
        usual = float(np.median(self._usual)) if self._usual else None
        if len(finite):
            self._usual.append(float(np.median(finite)))
        return broken or (usual is not None and bool((finite > JUMP * usual).any()))
