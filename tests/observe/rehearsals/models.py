from __future__ import annotations

from typing import Any

import keras
import numpy as np

from unstuck.case.compiled import compile_facts, output_names
from unstuck.case.model import model_facts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.outcomes import Sample, outcome
from unstuck.observe.rehearsals.planned import Planned, planned

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 4, 2)).astype(np.float32)
Y = X.mean(axis=(1, 2))


def trained(*layers: Any, optimizer: Any = "sgd", loss: str = "mse") -> keras.Model:
    """A small model that has learned next to nothing."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4, 2)), *layers])
    model.compile(optimizer=optimizer, loss=loss)
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
    return model


def rows(model: keras.Model, split: str = "train") -> Sample:
    (name,) = output_names(model)
    return Sample(split, X, {name: Y}, {}, None, Y)


def outcome_of(model: keras.Model) -> OutcomeFacts:
    """Measures a trained model, which is not what is tested here."""
    facts = model_facts(model, lambda layer: None)
    return outcome(model, facts, compile_facts(model, None), [rows(model)])


def planned_of(model: keras.Model, found: OutcomeFacts | None = None) -> Planned | None:
    """Plans the controls of a trained model."""
    facts = model_facts(model, lambda layer: None)
    return planned(model, facts, found or outcome_of(model), [rows(model)], 16, (), 1.0)
