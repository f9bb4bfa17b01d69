"""Runs ``unstuck`` in this process with the seeds of one trial.

``python -m unstuck.trials.seeded SEED ROWS END run train.py`` is ``unstuck run train.py`` in which
every random number that Keras draws by itself (initial weights, dropout) is another one
for another SEED, while the data stay as the script makes them:

- The seeds that Keras draws from Python's ``random`` are shifted by a number that SEED decides;
  ``random`` itself moves on as without us. 0 shifts nothing. Seeds that the script gives to an
  initializer or a layer stay.
- What the script leaves without any seed is seeded with SEED, so that the two arms of a pair see
  the same data: ``random``, NumPy's global state and ``default_rng()``, and the backend.

ROWS is "all", or "some": then ``holding`` takes validation data from what has none. END is "own",
or "early": then ``ending`` ends a ``fit`` whose weights are NaN.
"""

from __future__ import annotations

import random
import runpy
import sys
from types import ModuleType
from typing import Any

from unstuck.observe.arrival import Arrival
from unstuck.observe.patches import Patches
from unstuck.trials.ending import ending
from unstuck.trials.holding import holding

RANGE = 1_000_000_000
"""Keras draws its seeds from 1 to this number."""
STRIDE = 7_368_787
"""By how much consecutive seeds shift Keras's: a prime, so that sums of small seeds do not meet."""


class Shifted:
    """Stands for the module ``random`` where Keras draws its seeds.

    Args:
        shift: What is added to each seed, in the circle from 1 to ``RANGE``.
    """

    def __init__(self, shift: int) -> None:
        self._shift = shift

    def randint(self, low: int, high: int) -> int:
        """Returns ``random.randint`` of the same range, shifted in it."""
        return low + (random.randint(low, high) - low + self._shift) % (high - low + 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)


def vary(seed: int, hold_out: bool, end_early: bool) -> None:
    """Seeds what the script will not, and shifts Keras's seeds once it is imported.

    Args:
        seed: Number of the seed.
        hold_out: Whether to hold out rows of each ``fit`` without validation data.
        end_early: Whether to end each ``fit`` that can come to nothing any more.
    """
    random.seed(seed)

    def arrived(keras: Any) -> None:
        _seed_keras(seed)
        if hold_out:
            Patches().wrap(keras.Model, "fit", holding)
        if end_early:
            Patches().wrap(keras.Model, "fit", ending)

    Arrival({"numpy": lambda module: _seed_numpy(module, seed), "keras": arrived}).open()


def _seed_numpy(numpy: Any, seed: int) -> None:
    numpy.random.seed(seed)
    original = numpy.random.default_rng
    unseeded = numpy.random.SeedSequence(seed)

    def default_rng(seed: Any = None) -> Any:
        return original(unseeded.spawn(1)[0] if seed is None else seed)

    numpy.random.default_rng = default_rng


def _seed_keras(seed: int) -> None:
    import keras
    import numpy as np

    # The script may have seeded these before it imported Keras; its data hang on them.
    python, numpy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed)
    random.setstate(python)
    np.random.set_state(numpy)
    drawing: ModuleType = sys.modules["keras.src.random.seed_generator"]
    vars(drawing)["python_random"] = Shifted(seed * STRIDE)


if __name__ == "__main__":
    vary(int(sys.argv.pop(1)), sys.argv.pop(1) == "some", sys.argv.pop(1) == "early")
    runpy.run_module("unstuck", run_name="__main__", alter_sys=True)
