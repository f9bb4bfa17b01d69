"""TensorFlow: sums inside the traced step, and rows in a ring that the step writes."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from unstuck.backends.begun import begun
from unstuck.backends.patch import replaced
from unstuck.backends.tf_loop import loop as loop

TINY = 1e-30
"""A sum of squares below this may have lost entries to underflow (float32 ends near 1e-38)."""

Watch = Callable[[Callable[[], Any]], tuple[Any, Any]]
Record = Callable[..., None]


def scope() -> object:
    """Returns what equals another ``scope()`` only within the same graph, or both times eager."""
    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def hook_apply(optimizer: Any, early: Record, late: Record) -> tuple[str, Callable[..., Any]]:
    """Returns which method of an optimizer to replace, and the replacement.

    ``early(gradients, variables, weights)`` is called where the optimizer's variables have the
    values from before the update, ``late(variables, weights)`` after it; ``weights()`` returns
    what the weights are at that time.
    """
    original = optimizer.apply

    def apply(grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> Any:
        grads = list(grads)
        variables = list(trainable_variables or optimizer._trainable_variables)

        def weights() -> list[Any]:
            return [tf.convert_to_tensor(variable) for variable in variables]

        early(grads, variables, weights)
        result = original(grads, trainable_variables)
        late(variables, weights)
        return result

    return "apply", apply


def _dense(gradient: Any) -> Any:
    """Adds up rows of an embedding's gradient that were met several times; others unchanged."""
    if isinstance(gradient, tf.IndexedSlices):
        places, segments = tf.unique(tf.reshape(gradient.indices, [-1]))
        return tf.math.unsorted_segment_sum(gradient.values, segments, tf.size(places))
    return gradient


def _wide(value: Any) -> Any:
    """Half precision overflows at 65504: measure in float32 at least."""
    return value if value.dtype == tf.float64 else tf.cast(value, tf.float32)


def _narrow(numbers: Sequence[Any]) -> Any:
    return tf.stack([tf.cast(number, tf.float32) for number in numbers])


def _squares(values: Sequence[Any | None]) -> Any:
    halves = [np.nan if value is None else tf.nn.l2_loss(_wide(value)) for value in values]
    return 2.0 * _narrow(halves)


def norms(values: Sequence[Any | None]) -> Any:
    """Returns the Euclidean norm of each array: shape (arrays,), NaN for None."""
    return tf.sqrt(_squares(values))


def gradient_measures(gradients: Sequence[Any | None]) -> Any:
    """Measures gradients: shape (3, gradients), NaN for None.

    The rows are the norm, the largest absolute entry, and the count of entries that are not
    finite. Gradients whose sum of squares leaves the range of float32 get a closer look.
    """
    wide = [None if gradient is None else _wide(_dense(gradient)) for gradient in gradients]
    known = tf.constant([gradient is not None for gradient in gradients])
    sums = _squares(wide)
    largest = _narrow([np.nan if g is None else tf.reduce_max(tf.abs(g)) for g in wide])
    doubtful = known & (~tf.math.is_finite(sums) | ((sums < TINY) & (largest != 0.0)))
    zeros = tf.where(known, tf.zeros_like(sums), tf.fill([len(wide)], np.float32(np.nan)))
    return tf.cond(
        tf.reduce_any(doubtful),
        lambda: _careful(wide),
        lambda: tf.stack([tf.sqrt(sums), largest, zeros]),
    )


def _careful(gradients: Sequence[Any | None]) -> Any:
    """Measures like ``gradient_measures``, in float64: its range holds the squares of float32.

    All gradients go through as one vector, since each operation costs time before the first step,
    and this branch is hardly ever taken.
    """
    known = [gradient for gradient in gradients if gradient is not None]
    count = len(known)
    flat = tf.concat([tf.reshape(tf.cast(one, tf.float64), [-1]) for one in known], axis=0)
    owner = tf.repeat(tf.range(count), [tf.size(one) for one in known])

    def totals(entries: Any) -> Any:
        return tf.math.unsorted_segment_sum(tf.cast(entries, tf.float64), owner, count)

    finite, undefined = tf.math.is_finite(flat), totals(tf.math.is_nan(flat)) > 0
    largest = tf.math.unsorted_segment_max(tf.abs(tf.where(finite, flat, np.inf)), owner, count)
    largest = tf.where(undefined, np.float64(np.nan), largest)
    bad, norm = totals(~finite), tf.sqrt(totals(tf.square(flat)))
    found = tf.stack([tf.where(bad > 0, largest, norm), largest, bad])
    missing = tf.fill([3, 1], np.float64(np.nan))
    places = iter(range(count))
    order = [count if gradient is None else next(places) for gradient in gradients]
    return tf.cast(tf.gather(tf.concat([found, missing], axis=1), order, axis=1), tf.float32)


def measures(gradients: Any, before: Sequence[Any | None], after: Sequence[Any | None]) -> Any:
    """Adds the norms of weights and of their updates: shape (5, weights), NaN for None.

    Args:
        gradients: What ``gradient_measures`` returned.
        before: The weights before the update.
        after: And after it.
    """
    updates = [None if old is None else new - old for old, new in zip(before, after, strict=True)]
    return tf.concat([gradients, tf.reshape(norms([*before, *updates]), [2, -1])], axis=0)


def row(parts: Sequence[Any]) -> Any:
    """Joins numbers and arrays to one float32 vector."""
    return tf.concat([tf.reshape(tf.cast(part, tf.float32), [-1]) for part in parts], axis=0)


class Instrument:
    """A train function that measures, made from a model's own, and the rows it left.

    One call may run many steps inside TensorFlow, so the rows wait in a ring that is a variable;
    it belongs to nobody but the traced step.
    """

    def __init__(self, model: Any, watch: Watch, capacity: int) -> None:
        self._capacity = capacity
        self._ring: Any = None
        self._cursor: Any = None
        self._read = 0
        own_step = model.train_step

        def train_step(data: Any) -> Any:
            logs, row = watch(lambda: own_step(data))
            if row is not None:
                self._write(row)
            return logs

        with replaced(model, train_step=train_step, train_function=model.train_function):
            model.make_train_function(force=True)
            self.train_function = model.train_function

    def _write(self, row: Any) -> None:
        if self._ring is None:
            with tf.init_scope():
                self._ring = tf.Variable(tf.zeros([self._capacity, row.shape[0]]), trainable=False)
                self._cursor = tf.Variable(0, dtype=tf.int64, trainable=False)
        place = self._cursor % self._capacity
        self._ring.scatter_nd_update([[place]], [row])
        self._cursor.assign_add(1)

    def collect(self, wait: bool) -> Any:
        """Returns the rows since the last call, shape (steps, width); None if there are none.

        Args:
            wait: Has no effect: a call of a TensorFlow function returns when its steps are done.
        """
        if self._ring is None:
            return None
        end, ring = int(self._cursor.numpy()), self._ring.numpy()
        start, self._read = max(self._read, end - self._capacity), end
        return ring[np.arange(start, end) % self._capacity]


def generators_kept() -> contextlib.AbstractContextManager[None]:
    """Keras draws from seeds that it keeps in variables, not from TensorFlow's own."""
    return contextlib.nullcontext()


def seed_generators(seed: int) -> None:
    """Does nothing: there is no random state besides Keras's own variables."""


def forward(model: Any, parts: Iterable[Any]) -> list[Any]:
    """Returns the model's outputs in inference mode for several inputs, as numpy arrays."""
    return [tf.nest.map_structure(np.asarray, model(part, training=False)) for part in parts]


def gradient(function: Callable[[Any], Any], value: Any) -> tuple[Any | None, float]:
    """Returns the gradient of a scalar function at an array (None: it has none), and its value."""
    point = tf.convert_to_tensor(value)
    with tf.GradientTape() as tape:
        tape.watch(point)
        found = function(point)
    slope = tape.gradient(found, point)
    return None if slope is None else np.asarray(tf.convert_to_tensor(slope)), float(found)


def running_values(model: Any, variables: Sequence[Any], result: Any) -> list[Any]:
    """Returns copies of a model's variables in the middle of ``fit``."""
    return [np.array(variable.value) for variable in variables]


class Differentiated:
    """A function of arrays that is run with its gradients at named places inside it.

    Args:
        function: ``function(tap, *arguments)`` returns objectives, a dict from names to pairs of
            a scalar and the taps that its gradient is wanted at (None: all), and records, any
            nesting of arrays. Within, ``tap(name, value)`` marks a place and returns the value
            to go on with.
    """

    def __init__(self, function: Callable[..., tuple[dict[str, Any], Any]]) -> None:
        self._function = function
        # As Keras traces a training step: its layers and losses are no Python to be rewritten.
        self._run = tf.function(self._differentiate, autograph=False)

    def begin(self, *arguments: Any) -> Callable[[], Any]:
        """Starts it beside what Python does; calling what comes back waits for the result."""
        if tf.config.functions_run_eagerly():
            return functools.partial(self, *arguments)
        given = _tensors(arguments)
        # Traced before: tracing replaces parts of the model for a while, running needs no Python.
        run = self._run.get_concrete_function(*given)
        running = begun(run, *given)
        return lambda: tf.nest.map_structure(np.asarray, running.result())

    def __call__(self, *arguments: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        """Returns objectives, records, and gradients by objective and tap, as numpy arrays."""
        found = tf.nest.map_structure(np.asarray, self._run(*_tensors(arguments)))
        return found  # type: ignore[no-any-return]

    def _differentiate(self, *arguments: Any) -> Any:
        taps: dict[str, Any] = {}
        with tf.GradientTape(persistent=True) as tape:

            def tap(name: str, value: Any) -> Any:
                taps[name] = tf.zeros_like(value)
                tape.watch(taps[name])
                return value + taps[name]

            objectives, records = self._function(tap, *arguments)
        gradients = {
            name: tape.gradient(
                scalar,
                {k: taps[k] for k in (places or taps)},
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            for name, (scalar, places) in objectives.items()
        }
        return {name: scalar for name, (scalar, _) in objectives.items()}, records, gradients


def _tensors(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    found = tf.nest.map_structure(
        lambda x: None if x is None else tf.convert_to_tensor(x), arguments
    )
    return found  # type: ignore[no-any-return]
