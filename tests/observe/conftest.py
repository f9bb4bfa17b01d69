"""Tiny training runs, with and without the probe, that differ in nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from unstuck.observe.probe import Probe, Steps

TIME, FEATURES = 4, 3


class Attach(keras.callbacks.Callback):
    """Attaches a probe to each fit and keeps what it delivers."""

    def __init__(self, receive: Callable[[Steps], None] | None = None) -> None:
        super().__init__()
        self.delivered: list[Steps] = []
        self.complaints: list[Exception] = []
        self.probe: Probe | None = None
        self._take = receive or self.delivered.append

    def on_train_begin(self, logs=None) -> None:
        self.probe = Probe(self.model, self._take, self.complaints.append)
        self.probe.attach()

    def on_train_end(self, logs=None) -> None:
        self.probe.detach()

    @property
    def loss(self) -> np.ndarray:
        return np.concatenate([steps.loss for steps in self.delivered])

    @property
    def learning_rate(self) -> np.ndarray:
        return np.concatenate([steps.learning_rate for steps in self.delivered])

    @property
    def values(self) -> np.ndarray:
        return np.concatenate([steps.values for steps in self.delivered])


@dataclasses.dataclass
class Data:
    x: np.ndarray
    y: np.ndarray
    words: np.ndarray


@pytest.fixture(scope="session")
def data() -> Data:
    random = np.random.default_rng(0)
    x = random.normal(size=(22, TIME, FEATURES)).astype("float32")
    x[::3, 2:] = 0
    words = random.integers(1, 7, size=(22, TIME))
    words[::3, 2:] = 0
    return Data(x, x.sum(axis=(1, 2))[:, None].astype("float32"), words)


@pytest.fixture
def attach() -> type[Attach]:
    return Attach


def seeded(make: Callable[[], Any]) -> Any:
    keras.utils.set_random_seed(3)
    return make()


def lstm(**options: Any) -> keras.Sequential:
    return keras.Sequential(
        [keras.Input((TIME, FEATURES)), keras.layers.LSTM(4, **options), keras.layers.Dense(1)]
    )


@pytest.fixture
def make_lstm() -> Callable[..., keras.Sequential]:
    return lambda **options: seeded(lambda: lstm(**options))


@pytest.fixture
def make_dense() -> Callable[[], keras.Sequential]:
    """Compiles in a fraction of the time, where the kind of layer makes no difference."""
    layers = keras.layers
    return lambda: seeded(
        lambda: keras.Sequential(
            [
                keras.Input((TIME, FEATURES)),
                layers.Flatten(),
                layers.Dense(4, activation="tanh"),
                layers.Dense(1),
            ]
        )
    )


@pytest.fixture
def state() -> Callable[[keras.Model], list[np.ndarray]]:
    """All that training has changed: weights and the optimizer's variables."""

    def read(model: keras.Model) -> list[np.ndarray]:
        variables = [*model.variables, *model.optimizer.variables]
        return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]

    return read


@pytest.fixture
def same() -> Callable[[list[np.ndarray], list[np.ndarray]], bool]:
    """Equal to the last bit; NaN equals NaN."""

    def compare(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
        return len(left) == len(right) and all(
            a.dtype == b.dtype and a.tobytes() == b.tobytes()
            for a, b in zip(left, right, strict=True)
        )

    return compare
