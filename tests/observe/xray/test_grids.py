"""What is kept of an x-ray, against means taken the plain way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.observe.xray import grids
from unstuck.observe.xray.facts import SiteFacts
from unstuck.observe.xray.trace import Trace

GATES = ("input", "forget")


def trace(
    samples: int, steps: int, units: int, seed: int = 0, masked: float | None = None
) -> Trace:
    draw = np.random.default_rng(seed)

    def values() -> npt.NDArray[np.float32]:
        return draw.normal(size=(samples, steps, units)).astype(np.float32)

    return Trace(
        site=SiteFacts("lstm", "lstm", "LSTM", GATES, steps, 1, units),
        mask=None if masked is None else draw.random((samples, steps)) > masked,
        inputs=values()[..., :1],
        gates={gate: values() for gate in GATES},
        cell=values(),
        hidden=values(),
        gate_gradients={gate: values() for gate in GATES},
        cell_gradient=values(),
        hidden_gradient=values(),
        input_gradient=values()[..., :1],
    )


shapes = st.tuples(st.integers(1, 4), st.integers(1, 300), st.integers(1, 150))


@settings(max_examples=40, deadline=None)
@given(shape=shapes, seed=st.integers(0, 99), masked=st.sampled_from([None, 0.0, 0.3, 0.9, 1.0]))
def test_each_bin_is_the_mean_of_all_that_counts_in_it(shape, seed, masked):
    seen = trace(*shape, seed, masked)
    kept = grids.kept(seen)
    steps, units = kept[grids.STEP_BINS], kept[grids.UNIT_BINS]
    assert len(steps) <= grids.STEPS
    assert len(units) <= grids.UNITS
    found = kept[grids.chart("activation", "forget")], kept[grids.chart("gradient", "cell state")]
    assert {each.shape for each in found} == {(len(units), len(steps))}
    draw = np.random.default_rng(seed)
    for row, column in draw.integers((len(units), len(steps)), size=(9, 2)):
        (first, last), (left, right) = steps[column], units[row]
        block = np.s_[:, first : last + 1, left : right + 1]
        counts = np.broadcast_to(seen.counted[..., None], seen.hidden.shape)[block]
        taken = [seen.gates["forget"][block][counts], seen.cell_gradient[block][counts]]
        if not counts.any():
            assert all(np.isnan(each[row, column]) for each in found)
            continue
        assert found[0][row, column] == pytest.approx(taken[0].mean(), rel=1e-4, abs=1e-6)
        rms = np.sqrt(np.mean(taken[1].astype(float) ** 2))
        assert found[1][row, column] == pytest.approx(rms, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(shape=shapes, seed=st.integers(0, 99), masked=st.sampled_from([None, 0.4]))
def test_bins_of_bins_are_the_bins_of_the_whole(shape, seed, masked):
    seen = trace(*shape, seed, masked)
    kept = grids.kept(seen)
    steps, units = kept[grids.STEP_BINS], kept[grids.UNIT_BINS]
    counts = np.add.reduceat(kept[grids.COUNTED].astype(float), steps[:, 0])
    weights = np.outer(units[:, 1] - units[:, 0] + 1, counts)
    one = np.array([[0, 0]])
    everything = grids.bins(len(units), 1), grids.bins(len(steps), 1)
    mean = grids.rebinned(kept[grids.chart("activation", "input")], weights, *everything, False)
    rms = grids.rebinned(kept[grids.chart("gradient", "input")], weights, *everything, True)
    assert mean.shape == rms.shape == one.shape[:1] * 2
    taken = seen.gates["input"][seen.counted], seen.gate_gradients["input"][seen.counted]
    if not taken[0].size:
        assert np.isnan(mean).all()
        return
    assert mean.item() == pytest.approx(taken[0].mean(dtype=float), rel=1e-3, abs=1e-5)
    assert rms.item() == pytest.approx(np.sqrt((taken[1].astype(float) ** 2).mean()), rel=1e-3)


@given(st.integers(1, 5000), st.integers(1, 200))
def test_bins_cover_every_index_once_with_one_width(length, most):
    found = grids.bins(length, most)
    covered = [index for first, last in found for index in range(first, last + 1)]
    assert covered == list(range(length))
    assert len(found) <= most
    assert len({last - first for first, last in found[:-1]}) <= 1


def test_courses_are_means_over_samples_and_units():
    seen = trace(3, 50, 7, masked=0.5)
    kept = grids.kept(seen)
    counted = seen.counted
    np.testing.assert_allclose(kept[grids.COUNTED], counted.mean(axis=0), rtol=1e-6)
    for step in np.flatnonzero(counted.any(axis=0)):
        chosen = counted[:, step]
        mean = seen.hidden[chosen, step].mean()
        rms = np.sqrt(np.square(seen.hidden_gradient[chosen, step], dtype=float).mean())
        assert kept[grids.course("activation", "hidden state")][step] == pytest.approx(mean, 1e-4)
        assert kept[grids.course("gradient", "hidden state")][step] == pytest.approx(rms, 1e-4)


def test_what_masked_steps_hold_does_not_count():
    seen = trace(2, 6, 3)
    mask = np.ones((2, 6), bool)
    mask[0, 4:] = mask[1, 5:] = False
    for values in (seen.hidden, *seen.gates.values(), seen.hidden_gradient):
        values[~mask] = np.nan
    kept = grids.kept(Trace(**{**vars(seen), "mask": mask}))
    values = kept[grids.chart("activation", "hidden state")]
    np.testing.assert_allclose(values[:, 4], seen.hidden[1, 4], rtol=1e-6)
    assert np.isnan(values[:, 5]).all()
    assert np.isfinite(values[:, :5]).all()


def test_what_is_not_finite_stays_to_be_seen():
    seen = trace(2, 6, 3)
    seen.hidden[1, 3, 2] = np.nan
    seen.hidden_gradient[0, 2, 1] = np.inf
    seen.hidden_gradient[0, 1, 1] = 1e30
    kept = grids.kept(seen)
    assert np.argwhere(np.isnan(kept[grids.chart("activation", "hidden state")])).tolist() == [
        [2, 3]
    ]
    gradient = kept[grids.chart("gradient", "hidden state")]
    assert np.argwhere(np.isinf(gradient)).tolist() == [[1, 2]]
    assert gradient[1, 1] == pytest.approx(1e30 / np.sqrt(2), rel=1e-6)


def test_a_cell_without_gates_or_cell_state_keeps_its_hidden_state():
    seen = trace(2, 6, 3)
    bare = Trace(
        **{**vars(seen), "gates": {}, "gate_gradients": {}, "cell": None, "cell_gradient": None}
    )
    kept = grids.kept(bare)
    charts = [grids.chart(measure, "hidden state") for measure in ("activation", "gradient")]
    assert [name for name in kept if name.startswith("map")] == charts


@pytest.mark.parametrize(
    ("shape", "kept_shape"),
    [((8, 20, 3), (2, 20, 3)), ((1, 300, 64), (1, 300, 64)), ((4, 2000, 512), (2, 2000, 16))],
)
def test_whole_sequences_of_few_samples_are_kept_within_bounds(shape, kept_shape):
    seen = trace(*shape)
    kept = grids.kept(seen)
    names = [grids.sample(name) for name in grids.quantities(GATES)]
    assert {kept[name].shape for name in names} == {kept_shape}
    assert sum(kept[name].nbytes for name in names) <= grids.SAMPLE_BYTES
    chosen = kept[grids.SAMPLE_UNITS]
    np.testing.assert_array_equal(
        kept[grids.sample("cell state")], seen.cell[: kept_shape[0], :, chosen]
    )


def test_a_batch_of_very_long_sequences_keeps_none_whole():
    seen = trace(1, 70_000, 1)
    assert not [name for name in grids.kept(seen) if name.startswith("sample")]
