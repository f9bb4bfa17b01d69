"""How far batches are mixtures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.fitting import FitArguments
from unstuck.observe.composition import composition


def measured(targets: object, size: int) -> tuple:
    arguments = FitArguments(x=None, y=targets, batch_size=size)
    return composition(("dense",), arguments, None)


def test_sorted_classes_lie_between_batches_and_mixed_ones_do_not() -> None:
    classes = np.repeat([0, 1, 2, 3], 160)
    (ordered,) = measured(classes, 16)
    assert ordered.between == pytest.approx(1.0)
    assert ordered.batches == 40
    (mixed,) = measured(np.random.default_rng(0).permutation(classes), 16)
    assert mixed.between == pytest.approx(mixed.expected, rel=0.3)


@settings(max_examples=30, deadline=None)
@given(st.integers(4, 30), st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_the_share_is_that_of_the_analysis_of_variance(batches: int, size: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(batches, size))
    means = values.mean(axis=1)
    between = size * ((means - values.mean()) ** 2).sum()
    within = ((values - means[:, None]) ** 2).sum()
    (found,) = measured(values.reshape(-1), size)
    assert found.between == pytest.approx(between / (between + within))
    assert found.expected == (batches - 1) / (batches * size - 1)


@pytest.mark.parametrize(
    ("targets", "size"),
    [
        (np.zeros(100), 10),
        (np.arange(30.0), 10),
        (np.array(["a", "b"] * 50), 10),
        (None, 10),
        (np.arange(100.0), 1),
    ],
    ids=["constant", "few batches", "text", "none", "single samples"],
)
def test_what_says_nothing_is_left_out(targets: object, size: int) -> None:
    assert measured(targets, size) == ()


def test_each_output_has_its_own() -> None:
    targets = {"one": np.repeat([0.0, 1.0], 80), "two": np.tile([0.0, 1.0], 80)}
    arguments = FitArguments(x=None, y=targets, batch_size=16)
    found = {facts.output: facts.between for facts in composition(("one", "two"), arguments, None)}
    assert found == {"one": pytest.approx(1.0), "two": pytest.approx(0.0)}
