"""TensorFlow: a loop over time through which gradients are carried back at little cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

raw = tf.raw_ops


def loop(step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, inputs: Any) -> tuple[Any, Any]:
    """Runs ``carry, record = step(carry, inputs[t])`` over the first axis; stacks the records.

    Inputs wait in lists that are popped from and records go to lists that are pushed to. The
    gradient of a pop is a push and that of a push a pop, one operation a step. Through a
    TensorArray, which is read and written at an index, it takes several, one of which goes over
    all steps each time.
    """
    rows = tf.nest.flatten(inputs)
    steps = rows[0].shape[0]
    # The records' structure is known after one step; the graph drops what it computes.
    _, sample = step(carry, tf.nest.map_structure(lambda x: x[0], inputs))
    samples = tf.nest.flatten(sample)

    def body(at: Any, carry: Any, waiting: Sequence[Any], kept: Sequence[Any]) -> Any:
        popped = [_pop(one, row) for one, row in zip(waiting, rows, strict=True)]
        now = tf.nest.pack_sequence_as(inputs, [value for _, value in popped])
        carry, record = step(carry, now)
        pairs = zip(kept, tf.nest.flatten(record), strict=True)
        pushed = [raw.TensorListPushBack(input_handle=one, tensor=value) for one, value in pairs]
        return at + 1, carry, [rest for rest, _ in popped], pushed

    start = tf.constant(0), carry, [_waiting(row) for row in rows], [_empty(s) for s in samples]
    _, carry, _, kept = tf.while_loop(
        lambda at, *_: at < steps, body, start, maximum_iterations=steps
    )
    stacked = [_stacked(one, value, steps) for one, value in zip(kept, samples, strict=True)]
    return carry, tf.nest.pack_sequence_as(sample, stacked)


def _waiting(rows: Any) -> Any:
    """Returns a list of rows whose first is popped first."""
    last_first = tf.reverse(rows, [0])
    return raw.TensorListFromTensor(tensor=last_first, element_shape=_sizes(rows.shape[1:]))


def _empty(value: Any) -> Any:
    return raw.EmptyTensorList(
        element_shape=_sizes(value.shape), max_num_elements=-1, element_dtype=value.dtype
    )


def _pop(waiting: Any, rows: Any) -> tuple[Any, Any]:
    rest, value = raw.TensorListPopBack(
        input_handle=waiting, element_shape=_sizes(rows.shape[1:]), element_dtype=rows.dtype
    )
    return rest, value


def _stacked(kept: Any, value: Any, steps: int) -> Any:
    return raw.TensorListStack(
        input_handle=kept,
        element_shape=_sizes(value.shape),
        element_dtype=value.dtype,
        num_elements=steps,
    )


def _sizes(shape: Any) -> Any:
    """Returns a shape as TensorFlow's operations take it, -1 for what isn't known."""
    # With its type, as a list of no sizes has none: the shape of a number.
    return tf.constant([-1 if size is None else size for size in shape], tf.int32)
