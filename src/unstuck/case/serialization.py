"""Keras's serialization without its price: ``get_config`` may import TensorFlow."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without_loading_tensorflow() -> Iterator[None]:
    """Keeps Keras's serialization from importing TensorFlow, which takes seconds.

    It does so on every backend, to learn whether a value is a TensorFlow shape or dtype; where
    TensorFlow has not been imported, no value is.
    """
    from keras.src.utils import module_utils

    module = module_utils.tensorflow
    asleep = "tensorflow" not in sys.modules and getattr(module, "_available", True) is None
    if asleep:
        module._available = False
    try:
        yield
    finally:
        if asleep:
            module._available = None
