"""The closed-form control finds what is there and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.findings.progress import SIGNAL_MARGIN
from unstuck.observe.signal import signal


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_no_signal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = signal("out", [rng.normal(size=(300, 10, 2))], rng.normal(size=300), token_ids=False)
    assert found is not None
    assert found.score < max(found.chance, 0) + 0.05


def test_a_mean_over_the_last_steps_is_found() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 12, 2))
    found = signal("out", [x], x[:, -3:, 0].mean(axis=1), token_ids=False)
    assert found is not None
    assert found.score > 0.95


def test_a_class_that_hangs_on_one_word_is_found() -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(1, 50, (400, 15))
    found = signal("out", [ids], (ids == 7).any(axis=1).astype(int), token_ids=True)
    assert found is not None
    assert found.score > found.chance + 0.3


def test_the_scale_of_the_inputs_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8, 2))
    y = (x[:, :, 1].sum(axis=1) > 0).astype(int)
    plain, scaled = (signal("out", [x * k + k], y, token_ids=False) for k in (1.0, 1e4))
    assert plain is not None
    assert scaled is not None
    assert scaled.score == pytest.approx(plain.score, abs=1e-3)


def test_constant_targets_and_few_samples_have_no_answer() -> None:
    rng = np.random.default_rng(0)
    assert signal("out", [rng.normal(size=(300, 8, 2))], np.ones(300), token_ids=False) is None
    assert (
        signal("out", [rng.normal(size=(10, 8, 2))], rng.normal(size=10), token_ids=False) is None
    )


def test_a_few_outliers_do_not_hide_what_is_said_of_the_others() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 8, 2))
    y = x[:, -3:, 0].mean(axis=1)
    plain = signal("out", [x], y, token_ids=False)
    faulty = rng.choice(400, 4, replace=False)
    y[faulty] = 1000 * rng.choice([-1, 1], 4)
    found = signal("out", [x], y, token_ids=False)
    assert found.score > 0.3 * plain.score
    noise = rng.normal(size=400)
    noise[faulty] = 1000
    found = signal("out", [x], noise, token_ids=False)
    assert found.score <= max(found.chance, 0) + SIGNAL_MARGIN
