"""What looks like a fault and is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.findings.test_experiments import STUCK

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.findings.remarks import remarks
from unstuck.findings.series import StepSeries
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome
from unstuck.record import VERDICTS

WELL = dataclasses.replace(STUCK, skill=0.9, explained=0.9, signal=0.5)


def model(rate: float) -> ModelFacts:
    dropout = LayerFacts("dropout", "Dropout", {"rate": rate})
    return ModelFacts("m", "sequential", (dropout,), (), 10, 10)


def epochs(**columns):
    rows = zip(*columns.values(), strict=True)
    return tuple((at, at, dict(zip(columns, row, strict=True))) for at, row in enumerate(rows))


def series(losses) -> StepSeries:
    losses = np.asarray(losses, np.float64)
    nothing = np.zeros((len(losses), 0, 0))
    return StepSeries(np.arange(len(losses)), losses, np.ones(len(losses)), nothing, (), ())


def said(verdict="healthy", progress=WELL, logs=(), steps=None, outcome=None, facts=None):
    return " ".join(remarks(verdict, progress, logs, steps, outcome, facts))


def test_a_validation_loss_below_is_explained_by_dropout_only_where_there_is_some():
    logs = epochs(loss=np.linspace(1, 0.5, 9), val_loss=np.linspace(0.9, 0.4, 9))
    assert "dropout is on in training only" in said(logs=logs, facts=model(0.4))
    assert said(logs=logs, facts=model(0.0)) == ""
    above = epochs(loss=np.linspace(1, 0.5, 9), val_loss=np.linspace(1, 0.6, 9))
    assert said(logs=above, facts=model(0.4)) == ""


@pytest.mark.parametrize(("share", "speaks"), [(0.0, False), (0.1, False), (0.5, True)])
def test_a_plateau_is_told_with_its_length(share, speaks):
    rng = np.random.default_rng(0)
    count = 1000
    flat = int(share * count)
    losses = np.concatenate([np.ones(flat), np.exp(-np.arange(count - flat) / 60)])
    text = said(steps=series(losses + 0.01 * rng.normal(size=count)))
    assert ("plateau" in text) is speaks
    assert not speaks or "about 50% of the 1000 steps" in text


def test_noise_that_no_control_explains_is_called_noise():
    noisy = dataclasses.replace(WELL, skill=0.3, explained=0.31, signal=0.32)
    assert "31% of the targets' variance and a closed-form model 32%" in said(progress=noisy)
    more = dataclasses.replace(noisy, signal=0.6)
    assert said(progress=more) == ""
    assert said() == ""


def validation(samples: int) -> OutcomeFacts:
    one = OutputOutcome("o", "validation", samples, 0.1, 0.7, None, 0.0, None)
    return OutcomeFacts((one,))


@pytest.mark.parametrize(("samples", "speaks"), [(40, True), (4000, False)])
def test_jumps_of_a_small_validation_set_are_chance(samples, speaks):
    rng = np.random.default_rng(1)
    accuracy = rng.binomial(40, 0.8, size=24) / 40
    text = said(logs=epochs(val_accuracy=accuracy), outcome=validation(samples))
    assert ("that is chance" in text) is speaks


def test_jumps_beyond_chance_are_not_excused():
    swinging = np.where(np.arange(24) % 2, 0.95, 0.45)
    assert said(logs=epochs(val_accuracy=swinging), outcome=validation(200)) == ""


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_run_that_fails_is_not_excused(verdict):
    logs = epochs(loss=np.linspace(1, 0.5, 9), val_loss=np.linspace(0.9, 0.4, 9))
    text = said(verdict, logs=logs, facts=model(0.4))
    assert bool(text) is (verdict in ("healthy", "misleading"))
