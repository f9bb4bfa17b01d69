"""The only place that imports jax, tensorflow or torch; each module has the same few functions.

For the probe: ``scope``, ``hook_apply``, ``norms``, ``gradient_measures``, ``weight_norms``,
``row`` and the class ``Instrument``.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from unstuck.errors import UnstuckError

SUPPORTED = ("jax", "tensorflow", "torch")


class BackendError(UnstuckError):
    """Keras runs on a backend that cannot train, or that unstuck does not know."""


def current() -> ModuleType:
    """Returns the module of the backend that Keras runs on.

    Raises:
        BackendError: If Keras runs on another backend than JAX, TensorFlow or torch.
    """
    import keras

    name = keras.backend.backend()
    if name not in SUPPORTED:
        raise BackendError(
            f"Expected Keras on one of {', '.join(SUPPORTED)}. Received: {name!r}. "
            "Set the environment variable KERAS_BACKEND before Keras is imported."
        )
    return importlib.import_module(f"unstuck.backends.{name}")
