"""The statistics of the data against one-liners of numpy, for any shape, chunking and dtype."""

from __future__ import annotations

import collections

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unstuck.case import data, moments
from unstuck.case.data import data_facts
from unstuck.case.facts import DataFacts, from_plain
from unstuck.case.moments import DISTINCT_CAP
from unstuck.case.sampling import joined, training_sample, validation_sample
from unstuck.record import plain

LIBRARIES = ["numpy", keras.backend.backend()]
"""Others would take seconds to import."""


@pytest.fixture(scope="module")
def model():
    return keras.Sequential(
        [keras.Input((None, 1), name="series"), keras.layers.Dense(1, name="y")]
    )


def facts_of(model, x, y=None, weights=None):
    return data_facts(model, (x, y, weights))


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=9),
        elements=st.one_of(
            st.integers(-3, 3).map(float),
            st.floats(-1e3, 1e3, width=32),
            st.sampled_from([float("nan"), float("inf"), float("-inf")]),
        ),
    ),
    st.integers(1, 40),
)
def test_statistics_are_those_of_numpy(array, chunk):
    model = keras.Sequential([keras.layers.Dense(1)])
    kept, moments.CHUNK = moments.CHUNK, chunk  # many chunks, also of one row
    try:
        (facts,) = facts_of(model, array).arrays
    finally:
        moments.CHUNK = kept
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    assert facts.shape == array.shape
    assert (facts.read, facts.complete) == (len(array), True)
    assert facts.nonfinite == wide.size - finite.size
    first = np.argwhere(~np.isfinite(wide))
    assert facts.first_nonfinite == (tuple(first[0].tolist()) if len(first) else None)
    if not finite.size:
        assert facts.mean is facts.minimum is facts.rms is None
        return
    assert facts.minimum == finite.min()
    assert facts.maximum == finite.max()
    assert facts.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-9)
    assert facts.std == pytest.approx(finite.std(), rel=1e-7, abs=1e-7)
    assert facts.rms == pytest.approx(np.sqrt((finite**2).mean()), rel=1e-7, abs=1e-7)
    columns = wide.reshape(-1, array.shape[-1] if array.ndim > 1 else 1).T
    for column, feature in zip(columns, facts.features, strict=False):
        values = column[np.isfinite(column)]
        assert feature.mean == pytest.approx(values.mean() if len(values) else 0, abs=1e-6)
        assert feature.std == pytest.approx(values.std() if len(values) else 0, abs=1e-5)
    if facts.nonfinite == 0:
        assert facts.integral == bool((np.floor(wide) == wide).all())
        counted = {float(key): count for key, count in facts.values.items()}
        assert counted == dict(collections.Counter(wide.ravel().tolist()))
        for column, feature in zip(columns, facts.features, strict=False):
            assert feature.distinct == len(np.unique(column))
            assert (feature.minimum, feature.maximum) == (column.min(), column.max())


def test_values_far_from_zero_keep_their_spread(model):
    values = 1e7 + np.arange(64.0).reshape(8, 8, 1)
    (facts,) = facts_of(model, values).arrays
    assert facts.std == pytest.approx(values.std(), rel=1e-9)


def test_constant_and_continuous_features(model):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4, 3))
    x[:, :, 1] = 5.0
    (facts,) = facts_of(model, x).arrays
    assert facts.features[1].std == 0
    assert [feature.distinct for feature in facts.features] == [DISTINCT_CAP, 1, DISTINCT_CAP]
    assert facts.values == {}


def test_ids_have_values_and_no_features(model):
    ids = np.random.default_rng(0).integers(0, 9, (50, 6))
    (facts,) = facts_of(model, ids).arrays
    assert facts.integral
    assert facts.features == ()
    assert sum(facts.values.values()) == ids.size
    assert set(facts.values) == {repr(float(value)) for value in np.unique(ids)}


def test_one_hot_and_probabilities(model):
    labels = np.eye(4)[np.arange(40) % 4]
    soft = np.random.default_rng(0).dirichlet(np.ones(4), 40).astype("float32")
    half = np.where(np.arange(40)[:, None] < 20, labels, 0.3)
    for targets, sums, hot in ((labels, 1.0, 1.0), (soft, 1.0, 0.0), (half, 0.5, 0.5)):
        facts = facts_of(model, labels, targets).role("target")[0]
        assert facts.row_sum_one == pytest.approx(sums)
        assert facts.one_hot == pytest.approx(hot)
    column = facts_of(model, labels, np.ones((40, 1))).role("target")[0]
    assert column.row_sum_one is None


def test_names_and_roles():
    left, right = keras.Input((4, 2), name="left"), keras.Input((3,), name="right")
    model = keras.Model([left, right], [keras.layers.Dense(1, name=name)(right) for name in "ab"])
    x = [np.zeros((6, 4, 2)), np.ones((6, 3))]
    y = {"a": np.zeros((6, 1)), "b": np.ones((6, 1))}
    found = facts_of(model, x, y, [np.ones(6), np.ones(6)]).arrays
    assert [(array.role, array.name) for array in found] == [
        ("input", "left"),
        ("input", "right"),
        ("target", "a"),
        ("target", "b"),
        ("sample_weight", "a"),
        ("sample_weight", "b"),
    ]
    named = facts_of(model, {"right": x[1], "left": x[0]}).arrays
    assert [array.name for array in named] == ["right", "left"]


def test_arrays_of_other_kinds(model):
    for odd in (
        np.array([["a", "b"], ["c", "d"]]),
        np.array([{"a": 1}, None], dtype=object),
        np.zeros((0, 4, 1)),
        np.array([1 + 2j, 3]),
    ):
        (facts,) = facts_of(model, odd).arrays
        assert facts.mean is None
        assert facts.shape == odd.shape
    (facts,) = facts_of(model, np.array([[1, 2], [3, 5]], dtype=object)).arrays
    assert facts.mean == 2.75


class Frame:
    """What is used of a pandas data frame."""

    def __init__(self, values):
        self.values = values
        self.shape = values.shape

    @property
    def iloc(self):
        values = self.values

        class Rows:
            def __getitem__(self, indices):
                return Frame(values[indices])

        return Rows()

    def __array__(self, dtype=None, copy=None):
        return self.values


def test_data_frames(model, monkeypatch):
    values = np.arange(80.0).reshape(40, 2)
    values[1, 1] = np.nan
    (facts,) = facts_of(model, Frame(values)).arrays
    assert (facts.shape, facts.nonfinite, facts.first_nonfinite) == ((40, 2), 1, (1, 1))
    monkeypatch.setattr(data, "ENTRY_CAP", 20)
    (facts,) = facts_of(model, Frame(values)).arrays
    assert (facts.read, facts.complete) == (10, False)


@pytest.mark.parametrize("library", LIBRARIES)
def test_tensors_of_a_library(model, library):
    values = np.arange(24.0, dtype="float32").reshape(4, 3, 2)
    if library == "tensorflow":
        import tensorflow as tf

        tensor = tf.constant(values)
    elif library == "torch":
        import torch

        tensor = torch.tensor(values, requires_grad=True).bfloat16()
    elif library == "jax":
        import jax

        tensor = jax.numpy.asarray(values, "bfloat16")
    else:
        tensor = values
    (facts,) = facts_of(model, tensor).arrays
    assert facts.mean == pytest.approx(values.mean())
    assert facts.maximum == 23


def test_large_arrays_are_sampled_but_searched_for_nan_throughout(model, monkeypatch):
    monkeypatch.setattr(data, "ENTRY_CAP", 1000)
    x = np.random.default_rng(0).normal(size=(500, 10, 1)).astype("float32")
    x[333, 7, 0] = np.nan
    (facts,) = facts_of(model, x).arrays
    assert not facts.complete
    assert facts.shape == x.shape
    assert facts.read <= 100
    assert (facts.nonfinite, facts.first_nonfinite) == (1, (333, 7, 0))
    assert abs(facts.mean - np.nanmean(x)) < 0.2


def test_facts_survive_a_recording(model):
    facts = facts_of(model, np.eye(4)[None].repeat(3, 0), np.arange(3.0))
    assert from_plain(DataFacts, plain(facts)) == facts


class Batches:
    validation_data = (np.zeros((4, 5, 1)), np.ones((4, 1)))

    def __init__(self, batches):
        self.batches = batches


def test_batches_of_different_lengths(model):
    rng = np.random.default_rng(0)
    blocks = [rng.normal(size=(8, steps, 2)) for steps in (5, 9, 7)]
    facts = data_facts(model, Batches([(block, np.ones((8, 1)), None) for block in blocks]))
    inputs = facts.role("input")[0]
    assert inputs.shape == (None, None, 2)
    assert (inputs.read, inputs.complete) == (24, False)
    flat = np.concatenate([block.reshape(-1, 2) for block in blocks])
    assert inputs.features[1].std == pytest.approx(flat[:, 1].std())
    assert facts.role("validation_input")[0].shape == (4, 5, 1)
    sample = joined(Batches([(block, np.ones((8, 1)), None) for block in blocks]).batches, 100)
    assert sample.count == 8


def test_samples_lie_evenly_and_keep_their_nesting():
    x = {"a": np.arange(100.0)[:, None], "b": [np.arange(100), np.arange(100) * 2]}
    sample = training_sample((x, np.arange(100)), 11)
    rows = sample.indices
    assert len(rows) == 11
    assert (rows[0], rows[-1]) == (0, 99)
    assert np.ptp(np.diff(rows)) <= 1
    np.testing.assert_array_equal(sample.x["b"][1], rows * 2)
    np.testing.assert_array_equal(sample.y, rows)
    assert sample.sample_weight is None
    held_out = validation_sample(Batches([]), 2)
    assert held_out.x.shape == (2, 5, 1)
    assert joined([], 4) is None
