"""torch: sums right after the gradients are there, and rows in a list."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
import torch

SMALL = 1e-15
"""A norm below this may have lost entries to underflow (squares in float32 end near 1e-38)."""

Watch = Callable[[Callable[[], Any]], tuple[Any, Any]]
Record = Callable[..., None]


def scope() -> object:
    """Returns what equals another ``scope()`` only where values may pass: always, with torch."""
    return None


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
        with torch.no_grad():
            early(grads, variables, lambda: [variable.value.clone() for variable in variables])
        result = original(grads, trainable_variables)
        with torch.no_grad():
            late(variables, lambda: [variable.value for variable in variables])
        return result

    return "apply", apply


def _each(values: Sequence[Any | None], combine: Callable[[list[Any]], Any]) -> Any:
    """Applies a function of a list of tensors, in float32 at least; NaN for None."""
    present = [value for value in values if value is not None]
    if not present:
        return torch.full((len(values),), torch.nan)
    if any(value.dtype not in (torch.float32, torch.float64) for value in present):
        present = [value.float() for value in present]
    numbers = torch.stack(list(combine(present))).float()
    if len(present) == len(values):
        return numbers
    places = [index for index, value in enumerate(values) if value is not None]
    return numbers.new_full((len(values),), torch.nan).index_copy_(
        0, torch.tensor(places, device=numbers.device), numbers
    )


def norms(values: Sequence[Any | None]) -> Any:
    """Returns the Euclidean norm of each tensor: shape (tensors,), NaN for None."""
    return _each(values, torch._foreach_norm)


def gradient_measures(gradients: Sequence[Any | None]) -> Any:
    """Measures gradients: shape (3, gradients), NaN for None.

    The rows are the norm, the largest absolute entry, and the count of entries that are not
    finite. Gradients whose sum of squares leaves the range of float32 get a closer look.
    """
    if _at_hand(gradients):
        arrays = [_array(gradient) for gradient in gradients]
        norm = [_norm(array) for array in arrays]
        largest = [max(float(array.max()), -float(array.min())) for array in arrays]
        sound = all(
            math.isfinite(size) and (size >= SMALL or most == 0)
            for size, most in zip(norm, largest, strict=True)
        )
        if sound:
            return [*norm, *largest, *(0.0 for _ in norm)]
    # To ask a device whether a closer look is due would wait for it; the look itself does not.
    largest = _each(gradients, _largest)
    return torch.stack([_each(gradients, _scaled), largest, _each(gradients, _not_finite)])


def _at_hand(values: Sequence[Any | None]) -> bool:
    """Whether numbers of these tensors can be read at once: no device to wait for, none missing.

    A step of torch on a CPU is a long line of small calls, of some 10 us each. NumPy sums the same
    memory with calls of 1 us, and plain numbers need none to be joined.
    """
    return all(
        value is not None
        and value.device.type == "cpu"
        and value.dtype == torch.float32
        and value.numel() > 0
        for value in values
    )


def _array(tensor: Any) -> Any:
    """Returns the memory of a tensor as an array, without a copy."""
    return tensor.detach().numpy()


def _norm(array: Any) -> float:
    flat = array.ravel()
    # Not ``np.dot``: of long vectors that starts threads, beside those of torch that still spin.
    with np.errstate(all="ignore"):
        return math.sqrt(float(np.einsum("i,i->", flat, flat)))


def _largest(gradients: list[Any]) -> Any:
    return torch._foreach_norm(gradients, float("inf"))


def _not_finite(gradients: list[Any]) -> Any:
    # 0 * x is 0 where x is finite and NaN elsewhere, and the 0-norm counts what is not 0.
    return torch._foreach_norm(torch._foreach_mul(gradients, 0.0), 0)


def _scaled(gradients: list[Any]) -> Any:
    """Divides each gradient by its largest entry before it is squared."""
    largest = torch.stack(list(_largest(gradients)))
    divisors = torch.where(largest == 0, torch.ones_like(largest), largest)
    norm = torch.stack(list(torch._foreach_norm(torch._foreach_div(gradients, list(divisors)))))
    return torch.where(torch.isfinite(largest), norm * largest, largest)


def measures(gradients: Any, before: Sequence[Any | None], after: Sequence[Any | None]) -> Any:
    """Adds the norms of weights and of their updates: 5 numbers a weight, NaN for None.

    Args:
        gradients: What ``gradient_measures`` returned.
        before: The weights before the update.
        after: And after it.
    """
    parts = (gradients, _weight_norms(before, after))
    if all(isinstance(part, list) for part in parts):
        return [number for part in parts for number in part]
    return torch.cat([torch.as_tensor(part).reshape(-1) for part in parts])


def _weight_norms(before: Sequence[Any | None], after: Sequence[Any | None]) -> Any:
    if _at_hand([*before, *after]):
        old = [_array(value) for value in before]
        new = [_array(value) for value in after]
        return [*map(_norm, old), *(_norm(b - a) for a, b in zip(old, new, strict=True))]
    olds = [old for old in before if old is not None]
    news = [new for new in after if new is not None]
    updates = iter(torch._foreach_sub(news, olds) if olds else ())
    changes = [None if old is None else next(updates) for old in before]
    return norms([*before, *changes]).reshape(2, -1)


def row(parts: Sequence[Any]) -> Any:
    """Joins numbers and arrays to one float32 vector, on the device of the tensors."""
    tensors = [part for part in parts if isinstance(part, torch.Tensor)]
    device = next((part.device for part in tensors if part.device.type != "cpu"), None)
    if device is None:
        return np.concatenate([np.ravel(_host(part)) for part in parts]).astype(np.float32)
    return torch.cat(
        [
            torch.as_tensor(part, dtype=torch.float32, device=device).detach().reshape(-1)
            for part in parts
        ]
    )


def _host(part: Any) -> Any:
    return part.detach().tolist() if isinstance(part, torch.Tensor) else part


class Instrument:
    """A train function that measures, made from a model's own, and the rows it left."""

    def __init__(self, model: Any, watch: Watch, capacity: int) -> None:
        self._rows: list[Any] = []
        own = model.train_function

        def train_function(*args: Any) -> Any:
            logs, row = watch(lambda: own(*args))
            if row is not None:
                self._rows.append(row)
            return logs

        self.train_function = train_function

    def collect(self, wait: bool) -> Any:
        """Returns the rows since the last call, shape (steps, width); None if there are none.

        Args:
            wait: Has no effect: reading a row waits for its step.
        """
        rows, self._rows = self._rows, []
        if rows and isinstance(rows[0], np.ndarray):
            return np.stack(rows)
        return torch.stack(rows).cpu().numpy() if rows else None


def generators_kept() -> contextlib.AbstractContextManager[None]:
    """Puts back torch's own random state, which dropout without a seed draws from."""
    return torch.random.fork_rng(range(torch.cuda.device_count()))  # type: ignore[no-any-return]


def seed_generators(seed: int) -> None:
    """Sets torch's own random state, which dropout without a seed draws from."""
    torch.manual_seed(seed)


def forward(model: Any, parts: Iterable[Any]) -> list[Any]:
    """Returns the model's outputs in inference mode for several inputs, as numpy arrays."""
    with torch.no_grad():
        outputs = [model(part, training=False) for part in parts]
    return [keras.tree.map_structure(keras.ops.convert_to_numpy, output) for output in outputs]


def gradient(function: Callable[[Any], Any], value: Any) -> tuple[Any | None, float]:
    """Returns the gradient of a scalar function at an array (None: it has none), and its value."""
    point = keras.ops.convert_to_tensor(value).detach().clone()
    point.requires_grad_(True)
    found = function(point)
    if not found.requires_grad:
        return None, float(found)
    (slope,) = torch.autograd.grad(found, point, allow_unused=True)
    return None if slope is None else slope.cpu().numpy(), float(found)


def running_values(model: Any, variables: Sequence[Any], result: Any) -> list[Any]:
    """Returns copies of a model's variables in the middle of ``fit``."""
    return [_numpy(variable.value).copy() for variable in variables]


def loop(step: Callable[[Any, Any], tuple[Any, Any]], carry: Any, inputs: Any) -> tuple[Any, Any]:
    """Runs ``carry, record = step(carry, inputs[t])`` over the first axis; stacks the records."""
    records: list[list[Any]] = []
    structure: Any = None
    leaves = [torch.unbind(leaf) for leaf in keras.tree.flatten(inputs)]
    for at in zip(*leaves, strict=True):
        carry, structure = step(carry, keras.tree.pack_sequence_as(inputs, list(at)))
        records.append(keras.tree.flatten(structure))
    stacked = [torch.stack(column) for column in zip(*records, strict=True)]
    return carry, keras.tree.pack_sequence_as(structure, stacked)


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

    def begin(self, *arguments: Any) -> Callable[[], Any]:
        """Returns what runs it: this backend computes nothing beside Python by itself."""
        return functools.partial(self, *arguments)

    def __call__(self, *arguments: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        """Returns objectives, records, and gradients by objective and tap, as numpy arrays."""
        taps: dict[str, Any] = {}

        def tap(name: str, value: Any) -> Any:
            taps[name] = torch.zeros_like(value, requires_grad=True)
            return value + taps[name]

        given = keras.tree.map_structure(
            lambda x: None if x is None else keras.ops.convert_to_tensor(x), arguments
        )
        # Keras's dropout on torch draws from torch's own generator, which is put back here.
        devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
        with torch.random.fork_rng(list(devices)), torch.enable_grad():
            objectives, records = self._function(tap, *given)
            gradients = {
                name: self._gradient(scalar, {k: taps[k] for k in (places or taps)})
                for name, (scalar, places) in objectives.items()
            }
        scalars = {name: scalar for name, (scalar, _) in objectives.items()}
        found = keras.tree.map_structure(_numpy, (scalars, records, gradients))
        return found  # type: ignore[no-any-return]

    @staticmethod
    def _gradient(scalar: Any, taps: dict[str, Any]) -> dict[str, Any]:
        if not scalar.requires_grad:
            return {name: torch.zeros_like(tap) for name, tap in taps.items()}
        found = torch.autograd.grad(
            scalar, list(taps.values()), retain_graph=True, allow_unused=True
        )
        return {
            name: torch.zeros_like(tap) if slope is None else slope
            for (name, tap), slope in zip(taps.items(), found, strict=True)
        }


def _numpy(value: Any) -> Any:
    return (
        value.detach().cpu().float().numpy() if value.is_floating_point() else value.cpu().numpy()
    )
