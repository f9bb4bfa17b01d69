"""All measurements of a site together: masks, directions, broken numbers, and what changes none."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.observe.measures.lstm import Lstm, squared_error
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.site import site_measures
from unstuck.observe.xray.facts import SiteMeasures

ARRAYS = ("inputs", "cell", "hidden", "cell_gradient", "hidden_gradient", "input_gradient", "reach")


def numbers(measures: SiteMeasures) -> dict[str, float | None]:
    """Every number of a site by its path."""
    found: dict[str, float | None] = {}

    def walk(value, path):
        if isinstance(value, dict):
            for key, entry in value.items():
                walk(entry, f"{path}.{key}")
        elif isinstance(value, tuple | list):
            for index, entry in enumerate(value):
                walk(entry, f"{path}.{index}")
        elif not isinstance(value, str):
            found[path] = value

    plain = dataclasses.asdict(measures)
    del plain["site"]
    walk(plain, "")
    return found


def assert_same(left: SiteMeasures, right: SiteMeasures, rel=1e-4, but=()) -> None:
    left, right = numbers(left), numbers(right)
    assert left.keys() == right.keys()
    for path, value in left.items():
        if any(part in path for part in but):
            continue
        other = right[path]
        if value is None or other is None:
            assert value is other, path
        else:
            assert math.isclose(other, value, rel_tol=rel, abs_tol=1e-6), (path, value, other)


def lstm_trace(samples=12, steps=20, **words):
    rng = np.random.default_rng(5)
    inputs = rng.standard_normal((samples, steps, 2))
    loss = squared_error(rng.standard_normal(6), inputs[:, -1, 0])
    return Lstm.fresh(2, 6).trace(inputs, loss, **words), inputs, loss


def test_facts_are_plain_numbers() -> None:
    measures = site_measures(lstm_trace()[0])
    json.dumps(dataclasses.asdict(measures), allow_nan=False)
    kinds = {type(value) for value in numbers(measures).values()}
    assert kinds <= {float, int, bool, type(None)}


def test_a_layer_that_goes_backwards_measures_the_turned_sequence() -> None:
    forward, inputs, loss = lstm_trace()
    backward = Lstm.fresh(2, 6).trace(inputs[:, ::-1], loss, backwards=True)
    assert_same(site_measures(forward), site_measures(backward))


@pytest.mark.parametrize("padding", ["left", "right", "holes"])
@pytest.mark.parametrize("backwards", [False, True])
def test_padding_that_a_mask_hides_changes_no_measurement(padding, backwards) -> None:
    plain, inputs, loss = lstm_trace(backwards=backwards)
    mask = np.zeros((12, 26), bool)
    if padding == "holes":
        for row, seed in zip(mask, range(12), strict=True):
            row[np.random.default_rng(seed).permutation(26)[:20]] = True
    else:
        mask[:, slice(6, None) if padding == "left" else slice(20)] = True
    padded = np.full((12, 26, 2), 9.0)
    padded[mask] = inputs.reshape(-1, 2)
    masked = Lstm.fresh(2, 6).trace(padded, loss, mask=mask, backwards=backwards)
    measures = site_measures(masked)
    assert measures.masked == pytest.approx(6 / 26)
    # Steps of the data are other ones, so are samples that share them.
    assert_same(site_measures(plain), measures, but=("masked", "stuck_steps", "constant"))


def test_rows_that_are_masked_as_a_whole_change_no_measurement() -> None:
    plain, inputs, loss = lstm_trace()
    mask = np.repeat(np.arange(15) % 5 != 3, 20).reshape(15, 20)
    more = np.ones((15, 20, 2))
    more[mask] = inputs.reshape(-1, 2)
    targets = np.zeros((15, 6))

    def gradient(hidden):
        targets[mask[:, 0]] = loss(hidden[mask[:, 0]])
        return targets

    measures = site_measures(Lstm.fresh(2, 6).trace(more, gradient, mask=mask))
    # Hutchinson's signs and the signs of the test are other ones.
    but = ("masked", "reach", "measured_half_life", "significance", "expected")
    assert_same(site_measures(plain), measures, but=but)


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_samples_and_units_changes_nothing(random) -> None:
    trace, _, _ = lstm_trace(samples=8)
    samples, units = list(range(8)), list(range(6))
    random.shuffle(samples)
    random.shuffle(units)

    def turn(values, axis=2):
        return None if values is None else values[samples].take(units, axis) if axis else values

    columns = np.concatenate([np.array(units) + 6 * gate for gate in range(4)])
    shuffled = dataclasses.replace(
        trace,
        inputs=trace.inputs[samples],
        input_gradient=trace.input_gradient[samples],
        reach=trace.reach[samples],
        gates={name: turn(values) for name, values in trace.gates.items()},
        gate_gradients={name: turn(values) for name, values in trace.gate_gradients.items()},
        cell=turn(trace.cell),
        hidden=turn(trace.hidden),
        cell_gradient=turn(trace.cell_gradient),
        hidden_gradient=turn(trace.hidden_gradient),
        initial=tuple(turn(state, 1) for state in trace.initial),
        kernel=trace.kernel[:, columns],
        recurrent_kernel=trace.recurrent_kernel[units][:, columns],
        bias=trace.bias[columns],
    )
    but = ("significance", "horizon")  # the random signs meet other samples
    assert_same(site_measures(trace), site_measures(shuffled), but=but)


@given(
    samples=st.integers(1, 7),
    steps=st.integers(1, 14),
    units=st.integers(1, 5),
    features=st.integers(1, 3),
    backwards=st.booleans(),
    masked=st.sampled_from([0.0, 0.5, 1.0, None]),
    broken=st.lists(
        st.tuples(st.sampled_from(ARRAYS), st.sampled_from([np.nan, np.inf, -np.inf, 3e38])),
        max_size=3,
    ),
    seed=st.integers(0, 50),
)
@settings(max_examples=80, deadline=None)
def test_any_trace_gives_finite_facts(
    samples, steps, units, features, backwards, masked, broken, seed
) -> None:
    rng = np.random.default_rng(seed)
    mask = None if masked is None else rng.random((samples, steps)) >= masked
    trace = random_trace(samples, steps, units, features, seed, mask, go_backwards=backwards)
    for name, value in broken:
        values = getattr(trace, name)
        values[rng.random(values.shape) < rng.random()] = value
    measures = site_measures(trace)
    plain = dataclasses.asdict(measures)
    json.dumps(plain, allow_nan=False)
    shares = [measures.repeated, measures.nonfinite, measures.nonfinite_gradient]
    shares += [measures.states.dead_units, measures.states.constant_units, measures.states.twins]
    shares += [measures.weights.symmetric_units, measures.masked or 0.0]
    for gate in measures.gates:
        shares += [gate.saturated, gate.shut, gate.open, gate.stuck_units]
        assert gate.saturated == pytest.approx(gate.shut + gate.open)
    shares += [*measures.memory.significance, *measures.memory.contribution]
    assert all(0 <= share <= 1 for share in shares)
    assert 1 <= measures.states.rank <= max(1, min(units, samples - 1)) + 1e-9
    assert all(value is None or math.isfinite(value) for value in numbers(measures).values())
    lengths = trace.counted.sum(axis=1)
    assert len(measures.memory.lags) == lengths.max()
    assert measures.memory.horizon is None or 0 <= measures.memory.horizon < lengths.max()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_broken_entries_are_counted_and_left_out(bad) -> None:
    trace = random_trace()
    sound = site_measures(trace)
    trace.cell[2, 3, 1] = bad
    trace.hidden_gradient[:4, :, 0] = bad
    measures = site_measures(trace)
    assert measures.nonfinite == pytest.approx(1 / (16 * 12))
    assert measures.nonfinite_gradient == pytest.approx(1 / 4)
    assert measures.states.largest == pytest.approx(sound.states.largest)
    assert measures.gates == sound.gates


def test_everything_broken() -> None:
    trace = random_trace()
    for name in ARRAYS:
        getattr(trace, name)[...] = np.nan
    for values in (*trace.gates.values(), *trace.gate_gradients.values()):
        values[...] = np.nan
    measures = site_measures(trace)
    json.dumps(dataclasses.asdict(measures), allow_nan=False)
    assert (measures.nonfinite, measures.nonfinite_gradient) == (1, 1)


class TestRepeated:
    def share(self, inputs, **words):
        trace = random_trace(*inputs.shape[:2], features=inputs.shape[2], **words)
        inputs = inputs.astype(np.float32)
        return site_measures(dataclasses.replace(trace, inputs=inputs)).repeated

    def rows(self, *rows):
        return np.array(rows, float)[..., None]

    def test_final_runs_alone_count(self) -> None:
        inputs = self.rows([1, 2, 0, 0, 0], [0, 0, 1, 2, 3], [5, 5, 5, 5, 5], [1, 2, 3, 4, 5])
        assert self.share(inputs) == pytest.approx((2 + 0 + 4 + 0) / 20)

    def test_backwards_the_end_is_the_start_of_the_data(self) -> None:
        inputs = self.rows([1, 2, 0, 0, 0], [0, 0, 1, 2, 3])
        assert self.share(inputs, go_backwards=True) == pytest.approx(1 / 10)

    def test_what_a_mask_hides_does_not_count(self) -> None:
        inputs = self.rows([1, 2, 0, 0, 0], [1, 0, 0, 0, 7])
        mask = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 0]], bool)
        assert self.share(inputs, mask=mask) == pytest.approx(2 / 10)

    def test_all_features_have_to_repeat(self) -> None:
        inputs = np.zeros((1, 4, 2))
        inputs[0, :, 1] = [0, 1, 2, 2]
        assert self.share(inputs) == 0.25
