"""JAX: sums inside the jitted step, and rows that leave it as one more output."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import keras
import numpy as np

from unstuck.backends.patch import replaced

LANES = 64
"""Width of a column reduction. XLA's CPU sums columns vectorized and a whole array entry by
entry; 64 float32 are a few vector registers on any machine."""
LARGE = 2**20
"""Entries from which on each number of a variable is worth a loop of its own. A loop that XLA
compiles costs some 20 ms before the first step, whatever its length; one for all numbers takes
about 1 ns an entry at every step, which a recurrent layer of this size does not feel."""
NOT_FINITE = 1e200
"""What an entry that is not finite adds to a sum of squares, so that one pass also counts them:
far above what float32 gradients can add up to, and far below the end of float64."""

Watch = Callable[[Callable[[], Any]], tuple[Any, Any]]
Record = Callable[..., None]


def scope() -> object:
    """Returns what equals another ``scope()`` only within the same trace."""
    return jax.extend.core.get_opaque_trace_state()


def hook_apply(optimizer: Any, early: Record, late: Record) -> tuple[str, Callable[..., Any]]:
    """Returns which method of an optimizer to replace, and the replacement.

    ``early(gradients, variables, weights)`` is called where the optimizer's variables have the
    values from before the update, ``late(variables, weights)`` after it; ``weights()`` returns
    what the weights are at that time.
    """
    original = optimizer.stateless_apply

    def stateless_apply(
        optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> Any:
        updated = original(optimizer_variables, grads, trainable_variables)
        variables = optimizer._trainable_variables
        mapping = list(zip(optimizer.variables, optimizer_variables, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            early(grads, variables, lambda: trainable_variables)
        late(variables, lambda: updated[0])
        return updated

    return "stateless_apply", stateless_apply


def norms(values: Sequence[Any | None]) -> Any:
    """Returns the Euclidean norm of each array: shape (arrays,), NaN for None."""
    with jax.enable_x64(True):
        sums = [np.nan if value is None else jnp.sum(_squares(value)) for value in values]
        return jnp.sqrt(jnp.stack(sums)).astype(jnp.float32)


def gradient_measures(gradients: Sequence[Any | None]) -> Sequence[Any | None]:
    """Leaves gradients to ``measures``, where one loop goes over them and the weights."""
    return list(gradients)


def measures(
    gradients: Sequence[Any | None], before: Sequence[Any | None], after: Sequence[Any | None]
) -> Any:
    """Measures an update: shape (5, variables), NaN for None.

    The rows are the norm of the gradient, its largest absolute entry, the count of its entries
    that are not finite, the norm of the weights and that of their change. No branch looks at a
    doubtful gradient more closely: what goes into a branch, XLA writes to memory first, and the
    update then rounds differently than without the probe.
    """
    # float64 holds the square of any float32, so no sum overflows or loses what is small. It is
    # asked for here alone; Keras computes as it always does.
    with jax.enable_x64(True):
        columns = map(_column, gradients, before, after)
        sums, most, weights, updates = jnp.stack(list(columns), axis=1)
        count = jnp.floor(sums / NOT_FINITE + 0.5)
        norm = jnp.where(count > 0, most, jnp.sqrt(sums))
        rows = [norm, most, count, jnp.sqrt(weights), jnp.sqrt(updates)]
        return jnp.stack(rows).astype(jnp.float32)


def _column(gradient: Any | None, old: Any | None, new: Any | None) -> Any:
    """Returns squares of a gradient, its largest entry, squares of weights and of an update."""
    if old is None:
        return jnp.full(4, np.nan)
    known = jnp.zeros_like(old) if gradient is None else gradient
    squares = jnp.where(jnp.isfinite(known), _squares(known), NOT_FINITE)
    entries = (squares, jnp.abs(known).astype(jnp.float64), _squares(old), _squares(new - old))
    found = _apart(entries) if old.size >= LARGE else _together(entries)
    return found if gradient is not None else found.at[:2].set(np.nan)


def _squares(value: Any) -> Any:
    return jnp.square(value.astype(jnp.float64))


def _together(entries: Sequence[Any]) -> Any:
    """Reduces four arrays in one loop: sum, maximum, sum, sum."""

    def joined(one: Sequence[Any], other: Sequence[Any]) -> Any:
        (a, b, c, d), (e, f, g, h) = one, other
        return a + e, jnp.maximum(b, f), c + g, d + h

    axes = tuple(range(entries[0].ndim))
    return jnp.stack(jax.lax.reduce(tuple(entries), (np.float64(0),) * 4, joined, axes))


def _apart(entries: Sequence[Any]) -> Any:
    """Does so in a loop for each, which the compiler can vectorize."""
    first, second, *rest = entries
    return jnp.stack(
        [_reduced(first, jnp.sum), _reduced(second, jnp.max)]
        + [_reduced(one, jnp.sum) for one in rest]
    )


def _reduced(value: Any, combine: Callable[..., Any]) -> Any:
    """Reduces a large array to one number, where it can by way of LANES columns."""
    if value.size % LANES == 0:
        value = combine(value.reshape(-1, LANES), axis=0)
    return combine(value)


def row(parts: Sequence[Any]) -> Any:
    """Joins numbers and arrays to one float32 vector."""
    return jnp.concatenate([jnp.asarray(part, jnp.float32).reshape(-1) for part in parts])


class Instrument:
    """A train function that measures, made from a model's own, and the rows it left.

    A row is an output of the jitted step: reading the rows of past steps stops nothing, and the
    step has the same inputs as without the probe.
    """

    def __init__(self, model: Any, watch: Watch, capacity: int) -> None:
        self._rows: list[Any] = []
        own_step, own = model.train_step, model.train_function

        def train_step(state: Any, data: Any) -> Any:
            (logs, state), row = watch(lambda: own_step(state, data))
            return (logs, row), state

        def make_function(step: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            def unpacked(state: Any, data: Any) -> Any:
                (logs, row), state = step(state, data)
                if row is not None:
                    self._rows.append(row)
                return logs, state

            return type(model)._make_function(model, unpacked, *args, **kwargs)

        with replaced(
            model, train_step=train_step, _make_function=make_function, train_function=own
        ):
            model.make_train_function(force=True)
            self.train_function = model.train_function

    def collect(self, wait: bool) -> Any:
        """Returns the rows since the last call, shape (steps, width); None if there are none.

        Args:
            wait: Wait for the steps that JAX has dispatched but not finished.
        """
        ready = len(self._rows)
        if not wait:
            ready = next((i for i, r in enumerate(self._rows) if not r.is_ready()), ready)
        rows, self._rows[:ready] = self._rows[:ready], []
        return np.stack(jax.device_get(rows)) if rows else None


def generators_kept() -> contextlib.AbstractContextManager[None]:
    """JAX has no random state of its own: Keras keeps it in variables."""
    return contextlib.nullcontext()


def seed_generators(seed: int) -> None:
    """Does nothing: there is no random state besides Keras's own variables."""


def forward(model: Any, parts: Iterable[Any]) -> list[Any]:
    """Returns the model's outputs in inference mode for several inputs, as numpy arrays.

    Neither states nor random seeds are moved.
    """
    trainable = [variable.value for variable in model.trainable_variables]
    rest = [variable.value for variable in model.non_trainable_variables]
    mode = {"training": False} if model._call_has_training_arg else {}
    step = jax.jit(lambda x: model.stateless_call(trainable, rest, x, **mode)[0])
    return [jax.tree.map(np.asarray, step(part)) for part in parts]


def gradient(function: Callable[[Any], Any], value: Any) -> tuple[Any, float]:
    """Returns the gradient of a scalar function at an array, and the function's value."""
    found, slope = jax.value_and_grad(function)(jnp.asarray(value))
    return np.asarray(slope), float(found)


def running_values(model: Any, variables: Sequence[Any], result: Any) -> list[Any]:
    """Returns copies of a model's variables in the middle of ``fit``.

    Args:
        result: What the train function has just returned; on JAX it holds the variables.
    """
    trained, rest = result[1][:2]
    now = dict(zip(map(id, model.trainable_variables), trained, strict=True))
    now |= dict(zip(map(id, model.non_trainable_variables), rest, strict=True))
    # A copy: the arrays' memory is given to the next step. In ``fit`` a variable that the result
    # holds may have no value of its own.
    found = [(variable, now.get(id(variable))) for variable in variables]
    return [np.array(variable.value if value is None else value) for variable, value in found]


def loop(step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, inputs: Any) -> tuple[Any, Any]:
    """Runs ``carry, record = step(carry, inputs[t])`` over the first axis; stacks the records."""
    return jax.lax.scan(step, carry, inputs)  # type: ignore[no-any-return]


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
        self._run = jax.jit(self._differentiate)

    def __call__(self, *arguments: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        """Returns objectives, records, and gradients by objective and tap, as numpy arrays."""
        return self.begin(*arguments)()  # type: ignore[no-any-return]

    def begin(self, *arguments: Any) -> Callable[[], Any]:
        """Starts it beside what Python does; calling what comes back waits for the result."""
        running = self._run(*arguments)
        return lambda: jax.tree.map(np.asarray, running)

    def _differentiate(self, *arguments: Any) -> Any:
        places: dict[str, Any] = {}
        wanted: dict[str, Sequence[str] | None] = {}

        def discovered(name: str, value: Any) -> Any:
            places[name] = jax.ShapeDtypeStruct(value.shape, value.dtype)
            return value

        # What is marked, and its shapes, are known only after one pass; this one computes nothing.
        jax.eval_shape(lambda *a: self._function(discovered, *a)[1], *arguments)

        def tapped(taps: dict[str, Any]) -> Any:
            objectives, records = self._function(lambda n, v: v + taps[n], *arguments)
            wanted.update({name: places for name, (_, places) in objectives.items()})
            return {name: scalar for name, (scalar, _) in objectives.items()}, records

        zeros = {name: jnp.zeros(place.shape, place.dtype) for name, place in places.items()}
        objectives, pull, records = jax.vjp(tapped, zeros, has_aux=True)
        gradients = {}
        for name in objectives:
            seeds = {k: jnp.full_like(v, float(k == name)) for k, v in objectives.items()}
            (found,) = pull(seeds)
            gradients[name] = {k: found[k] for k in (wanted[name] or found)}
        return objectives, records, gradients
