"""JAX: sums inside the jitted step, and rows that leave it as one more output."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import keras
import numpy as np

from unstuck.backends.jax_sums import Sums
from unstuck.backends.patch import replaced

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
    # float64 holds the square of any float32, so no sum overflows or loses what is small. It is
    # asked for here alone; Keras computes as it always does.
    with jax.enable_x64(True):
        squares = [None if x is None else jnp.square(x.astype(jnp.float64)) for x in values]
        sums = [np.nan if square is None else jnp.sum(square) for square in squares]
        return jnp.sqrt(jnp.stack(sums)).astype(jnp.float32)


def gradient_measures(gradients: Sequence[Any | None]) -> Sequence[Any | None]:
    """Leaves gradients to ``measures``, which sums them beside the weights."""
    return list(gradients)


@dataclasses.dataclass(frozen=True)
class Row:
    """Numbers that leave a step, and how the last of them become measures; None if they are."""

    numbers: Any
    sums: Sums | None = None


def measures(
    gradients: Sequence[Any | None], before: Sequence[Any | None], after: Sequence[Any | None]
) -> Row:
    """Measures an update, see ``Sums.measures``.

    No branch looks at a doubtful gradient more closely: what goes into a branch, XLA writes to
    memory first, and the update then rounds differently than without the probe.
    """
    missing = [at for at, gradient in enumerate(gradients) if gradient is None]
    sums = Sums([None if old is None else tuple(old.shape) for old in before], missing)
    known = [
        jnp.zeros_like(old) if gradient is None and old is not None else gradient
        for gradient, old in zip(gradients, before, strict=True)
    ]
    return Row(sums.columns(known, before, after), sums)


def row(parts: Sequence[Any]) -> Row:
    """Joins numbers and arrays, and what ``measures`` returned at their end, to one row."""
    *head, last = parts
    measured = last if isinstance(last, Row) else Row(last)
    flat: list[Any] = []
    # Constants that follow each other become one: XLA would compile a loop to write each.
    for traced, group in itertools.groupby(
        (*head, measured.numbers), lambda part: isinstance(part, jax.Array)
    ):
        if traced:
            flat += [part.astype(jnp.float32).reshape(-1) for part in group]
        else:
            flat.append(np.concatenate([np.ravel(part) for part in group]).astype(np.float32))
    return Row(jnp.concatenate(flat), measured.sums)


class Instrument:
    """A train function that measures, made from a model's own, and the rows it left.

    A row is an output of the jitted step: reading the rows of past steps stops nothing, and the
    step has the same inputs as without the probe.
    """

    def __init__(self, model: Any, watch: Watch, capacity: int) -> None:
        self._rows: list[Any] = []
        self._sums: Sums | None = None
        own_step, own = model.train_step, model.train_function

        def train_step(state: Any, data: Any) -> Any:
            (logs, state), row = watch(lambda: own_step(state, data))
            if row is None:
                return (logs, None), state
            self._sums = row.sums
            return (logs, row.numbers), state

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
        # One by one: on a CPU that copies nothing, and ``jax.device_get`` takes four times as long.
        return self._completed(np.stack([np.asarray(row) for row in rows])) if rows else None

    def _completed(self, rows: Any) -> Any:
        if self._sums is None:
            return rows
        head, sums = np.split(rows, [rows.shape[1] - self._sums.width], axis=1)
        return np.hstack([head, self._sums.measures(sums).reshape(len(rows), -1)])


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
