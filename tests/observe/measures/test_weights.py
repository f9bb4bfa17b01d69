"""Scales of weights against Keras's initializers, spectra against matrices of known spectrum."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.observe.measures import lstm
from tests.observe.measures.layers import FEATURES, KINDS, UNITS, built, default_weights, weights_of
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures import weights
from unstuck.observe.measures.weights import spectral_radius, weight_facts


def measured(kernel, recurrent, bias=None, kind="LSTM", gates=lstm.GATES):
    trace = random_trace(kind=kind, gates=gates)
    return weight_facts(
        dataclasses.replace(trace, kernel=kernel, recurrent_kernel=recurrent, bias=bias)
    )


def of_keras(kind, arrays):
    return measured(*arrays, kind=kind, gates=KINDS[kind][1])


@pytest.mark.parametrize("kind", KINDS)
def test_scales_of_a_default_layer_are_one(kind) -> None:
    facts = of_keras(kind, default_weights(kind))
    entries = FEATURES * UNITS * len(KINDS[kind][1])
    assert facts.kernel_scale == pytest.approx(1, abs=4 / np.sqrt(2 * entries))
    assert facts.recurrent_scale == pytest.approx(1, abs=1e-5)
    assert facts.forget_bias == (1.0 if kind == "LSTM" else None)
    assert not facts.constant
    assert facts.symmetric_units == 0
    assert set(facts.spectral_radius) == set(KINDS[kind][1]) == set(facts.singular_values)


def test_scales_follow_other_initializers() -> None:
    keras.utils.set_random_seed(0)
    normal = keras.initializers.RandomNormal(stddev=1.0)
    layer = built("LSTM", kernel_initializer=normal, recurrent_initializer=normal)
    facts = of_keras("LSTM", weights_of(layer))
    assert facts.kernel_scale == pytest.approx(np.sqrt((FEATURES + 4 * UNITS) / 2), rel=0.1)
    assert facts.recurrent_scale == pytest.approx(np.sqrt(4 * UNITS), rel=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_constant_weights_make_all_units_the_same(kind) -> None:
    layer = built(kind, kernel_initializer="ones", recurrent_initializer="zeros")
    facts = of_keras(kind, weights_of(layer))
    assert facts.constant
    assert facts.symmetric_units == 1
    assert facts.kernel_scale == 0


def test_the_spectrum_of_an_orthogonal_block() -> None:
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    facts = measured(np.ones((2, 6)), block, kind="SimpleRNN", gates=("candidate",))
    assert facts.spectral_radius["candidate"] == pytest.approx(1)
    assert facts.singular_values["candidate"] == pytest.approx((1, 1, 1))


def test_blocks_belong_to_gates_in_order() -> None:
    blocks = [np.diag([scale, scale / 2, 0]) for scale in (1.0, 2.0, 3.0, 4.0)]
    facts = measured(np.zeros((2, 12)), np.concatenate(blocks, axis=1))
    assert list(facts.spectral_radius) == list(lstm.GATES)
    assert list(facts.spectral_radius.values()) == pytest.approx([1, 2, 3, 4])
    assert facts.singular_values["candidate"] == pytest.approx((3, 1.5, 0))


@given(
    units=st.integers(1, 12),
    scale=st.floats(-30, 30),
    triangular=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_spectral_radius_against_eigenvalues(units, scale, triangular, seed) -> None:
    block = np.random.default_rng(seed).standard_normal((units, units))
    block = (np.triu(block) if triangular else block).astype(np.float32) * np.float32(10**scale)
    exact = np.abs(np.linalg.eigvals(block.astype(float))).max()
    assert spectral_radius(block) == pytest.approx(exact, rel=3e-3)


@pytest.mark.parametrize(
    ("block", "radius"),
    [
        ([[0, 1], [0, 0]], 0),
        ([[0, 0], [0, 0]], 0),
        ([[0, -2], [2, 0]], 2),
        ([[0.5, 1e6], [0, 0.5]], 0.5),
    ],
)
def test_spectral_radius_of_awkward_blocks(block, radius) -> None:
    assert spectral_radius(np.array(block, np.float32)) == pytest.approx(radius, rel=1e-3)


def test_forget_bias() -> None:
    bias = np.repeat([0.0, -2.0, 5.0, 7.0], 3)
    assert measured(np.ones((2, 12)), np.ones((3, 12)), bias).forget_bias == -2
    assert measured(np.ones((2, 12)), np.ones((3, 12))).forget_bias is None


def test_one_entry_has_no_scale_and_is_no_constant() -> None:
    facts = measured(np.ones((1, 1)), np.ones((1, 1)), kind="SimpleRNN", gates=("candidate",))
    assert facts.kernel_scale is None
    assert not facts.constant


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_no_numbers(bad) -> None:
    kernel, recurrent, bias = np.ones((2, 12)), np.ones((3, 12)), np.ones(12)
    kernel[0, 0], recurrent[0, 0], bias[3] = bad, bad, bad
    facts = measured(kernel, recurrent, bias)
    assert (facts.kernel_scale, facts.recurrent_scale, facts.forget_bias) == (None, None, None)
    assert set(facts.spectral_radius) == {"forget", "candidate", "output"}


def test_very_wide_cells_have_no_spectrum(monkeypatch) -> None:
    monkeypatch.setattr(weights, "WIDEST", 2)
    facts = measured(np.ones((2, 12)), np.ones((3, 12)))
    assert (facts.spectral_radius, facts.singular_values) == ({}, {})
    assert facts.recurrent_scale is not None


@pytest.mark.parametrize(
    ("kernel", "recurrent"),
    [
        (None, None),
        (np.ones((3, 3, 2, 8)), np.ones((3, 3, 2, 8))),
        (np.ones((2, 5)), np.ones((2, 5))),
    ],
)
def test_weights_that_are_unknown_or_no_matrices(kernel, recurrent) -> None:
    assert measured(kernel, recurrent) is None


class TestSymmetry:
    """Units that the weights make equal, held to what the cell then does."""

    units = 6

    def random(self, seed=0):
        rng = np.random.default_rng(seed)
        return lstm.Lstm(
            rng.standard_normal((2, 24)), rng.standard_normal((6, 24)), rng.standard_normal(24)
        )

    def blocks(self, cell):
        return (
            cell.kernel.reshape(2, 4, 6),
            cell.recurrent.reshape(6, 4, 6),
            cell.bias.reshape(4, 6),
        )

    def share(self, cell):
        return measured(cell.kernel, cell.recurrent, cell.bias).symmetric_units

    def moves_alike(self, cell):
        inputs = np.random.default_rng(1).standard_normal((3, 8, 2))
        run = cell.forward(inputs, np.ones((3, 8), bool), [np.zeros((3, 6))] * 2)
        same = np.abs(run.hidden[..., :, None] - run.hidden[..., None, :]).max(axis=(0, 1)) < 1e-9
        return (same.sum(axis=1) > 1).mean()

    def test_equal_columns(self) -> None:
        cell = self.random()
        for block in self.blocks(cell):
            block[..., 3] = block[..., 1]
        assert self.share(cell) == self.moves_alike(cell) == pytest.approx(1 / 3)

    def test_a_swap_leaves_the_cell_as_it_is(self) -> None:
        """Each listens to itself and not to the other: columns differ, states don't."""
        cell = self.random()
        kernel, recurrent, bias = self.blocks(cell)
        for block in (kernel, recurrent, bias):
            block[..., 3] = block[..., 1]
        recurrent[1, :, 3], recurrent[3, :, 3] = (
            recurrent[3, :, 1].copy(),
            recurrent[1, :, 1].copy(),
        )
        assert not np.array_equal(recurrent[..., 1], recurrent[..., 3])
        assert self.share(cell) == self.moves_alike(cell) == pytest.approx(1 / 3)

    def test_units_that_listen_to_others_differ(self) -> None:
        cell = self.random()
        kernel, recurrent, bias = self.blocks(cell)
        for block in (kernel, bias):
            block[...] = block[..., :1]
        assert self.share(cell) == self.moves_alike(cell) == 0
        recurrent[...] = np.eye(6)[:, None]
        assert self.share(cell) == self.moves_alike(cell) == 1

    def test_the_bias_tells_units_apart(self) -> None:
        cell = self.random()
        for block in self.blocks(cell):
            block[..., 3] = block[..., 1]
        self.blocks(cell)[2][2, 3] += 0.1
        assert self.share(cell) == self.moves_alike(cell) == 0

    def test_a_group_that_splits_splits_others(self) -> None:
        """All get the same from the inputs; one hears more, others hear it."""
        cell = self.random()
        kernel, recurrent, bias = self.blocks(cell)
        for block in (kernel, bias):
            block[...] = block[..., :1]
        recurrent[...] = 0
        recurrent[0, :, 0] = 1
        for unit in range(1, 6):
            recurrent[unit - 1, :, unit] = 1 + (unit > 4)
        assert self.share(cell) == self.moves_alike(cell)
