"""Watches the elements of a ``tf.data`` pipeline as they pass, inside the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


def tapped(dataset: Any, receive: Callable[[Any], None], limit: int) -> Any:
    """Returns a dataset with the same elements that hands over the first ones of each pass.

    Elements go through untouched; ``receive`` runs in TensorFlow's threads while they do.

    Args:
        dataset: A ``tf.data.Dataset``.
        receive: Takes an element with numpy arrays in the place of tensors, None where the
            element has an empty optional; ragged and sparse tensors come dense. The arrays
            are TensorFlow's memory and must be copied. It must not raise.
        limit: Number of elements handed over at each pass.

    Raises:
        ValueError: If the dataset can't be extended by a further stage.
    """
    spec = dataset.element_spec
    if "ToDevice" in type(dataset).__name__:
        raise ValueError("Expected a dataset on the host. Received: one that is on a device.")

    def hand_over(*tensors: Any) -> Any:
        arrays = iter(tensors)
        flat = [next(arrays) if _readable(part) else None for part in tf.nest.flatten(spec)]
        receive(tf.nest.pack_sequence_as(spec, flat))
        return np.True_

    def watch(index: Any, element: Any) -> Any:
        tensors = [_dense(part) for part in tf.nest.flatten(element) if _readable(part)]
        seen = tf.cond(
            index < limit,
            lambda: tf.ensure_shape(tf.numpy_function(hand_over, tensors, tf.bool), ()),
            lambda: tf.constant(True),
        )
        with tf.control_dependencies([seen]):
            return tf.nest.map_structure(tf.identity, element, expand_composites=True)

    watched = dataset.enumerate().map(watch)
    if _reads_ahead(dataset):
        # TensorFlow would add a second buffer behind a stage that is not one, and so take
        # more from a generator than it did without us.
        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False
        watched = watched.with_options(options)
    if watched.element_spec != spec:
        raise ValueError(f"Expected elements {spec}. Received: {watched.element_spec}.")
    return watched


def _reads_ahead(dataset: Any) -> bool:
    while "Options" in type(dataset).__name__:
        dataset = dataset._input_dataset
    return "Prefetch" in type(dataset).__name__


def _readable(part: Any) -> bool:
    return not isinstance(part, tf.experimental.Optional | tf.OptionalSpec)


def _dense(tensor: Any) -> Any:
    if isinstance(tensor, tf.RaggedTensor):
        return tensor.to_tensor()
    return tf.sparse.to_dense(tensor) if isinstance(tensor, tf.SparseTensor) else tensor
