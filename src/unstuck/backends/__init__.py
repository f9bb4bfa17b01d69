"""The only place that imports jax, tensorflow or torch; each module has the same few functions.

For the probe: ``scope``, ``hook_apply``, ``norms``, ``gradient_measures``, ``measures``, ``row``,
``running_values`` and the class ``Instrument``. For x-rays: ``loop`` and the class
``Differentiated``. For whatever runs the model besides: ``forward``, ``gradient``,
``generators_kept`` and ``seed_generators``.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import Any

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


def together() -> ModuleType | None:
    """Returns the module whose ``Epochs`` trains many states of a model in one program, if any."""
    import keras

    jax = keras.backend.backend() == "jax"
    return importlib.import_module("unstuck.backends.jax_together") if jax else None


def settled_values(model: Any, variables: Sequence[Any]) -> list[Any]:
    """Returns copies of a model's variables outside of a training step, also within ``fit``."""
    import numpy as np
    from keras import ops

    if hasattr(model, "jax_state_sync"):
        # During fit on JAX the values live outside of the variables.
        model.jax_state_sync()
    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]
