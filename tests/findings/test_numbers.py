"""Progress and course of a training against sums worked out here on their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from unstuck.case.facts import CompileFacts, OptimizerFacts
from unstuck.findings.course import EARLY, Course, course
from unstuck.findings.progress import WINDOW, Progress, progress
from unstuck.findings.series import StepSeries, Watched, step_series
from unstuck.observe.recording import Series

COLUMNS = ("gradient_norm", "nonfinite", "weight_norm", "update_norm")
KERNEL = Watched("lstm/kernel", "lstm", "kernel", (2, 8))
BIAS = Watched("lstm/bias", "lstm", "bias", (8,))
HEAD = Watched("dense/kernel", "dense", "kernel", (2, 1))


def steps_of(
    losses,
    *,
    gradient=1.0,
    nonfinite=0.0,
    weight=2.0,
    update=0.02,
    rate=0.001,
    index=None,
    watched=(KERNEL, BIAS, HEAD),
) -> StepSeries:
    """Steps in which each measurement is a number, one a step, or one a step and variable."""
    losses = np.asarray(losses, np.float32)
    count = len(losses)
    rows = [losses[:, None], np.full((count, 1), rate, np.float32)]
    values = np.empty((count, len(watched), len(COLUMNS)), np.float32)
    for at, given_values in enumerate((gradient, nonfinite, weight, update)):
        given_values = np.asarray(given_values, np.float32)
        given_values = given_values[:, None] if given_values.ndim == 1 else given_values
        values[:, :, at] = given_values
    rows.append(values.reshape(count, -1))
    index = np.arange(count) if index is None else np.asarray(index)
    return step_series(Series(index, np.concatenate(rows, axis=1)), COLUMNS, tuple(watched))


def judged(losses, epochs=(), **words) -> Progress:
    return progress(steps_of(losses, **words), epochs, None, None)


def went(losses, name="Adam", **words) -> Course:
    return course(steps_of(losses, **words), CompileFacts(OptimizerFacts(name, {}, 0.5), ()))


LOSSES = arrays.arrays(
    np.float32, st.integers(1, 80), elements=st.floats(0.0009765625, 1024, width=32)
)


@given(LOSSES)
def test_start_end_and_best_are_means_over_a_tenth(losses):
    found = judged(losses)
    window = max(1, int(len(losses) * WINDOW))
    exact = losses.astype(np.float64)
    assert found.start == pytest.approx(exact[:window].mean())
    assert found.end == pytest.approx(exact[-window:].mean())
    means = [exact[i : i + window].mean() for i in range(len(losses) - window + 1)]
    assert found.best == pytest.approx(min(means), rel=1e-6, abs=1e-9)
    assert found.steps == len(losses)
    assert not found.diverged


@given(LOSSES, st.floats(0.125, 8, width=32), st.floats(0, 4, width=32))
def test_the_way_of_the_weights_is_the_sum_of_their_updates(losses, weight, update):
    found = judged(losses, weight=weight, update=update)
    assert found.travel == pytest.approx(len(losses) * update / weight)
    assert found.update_ratio == pytest.approx(update / weight)


@given(LOSSES, st.integers(2, 5))
def test_steps_that_were_left_out_count_for_the_way(losses, every):
    index = np.arange(len(losses)) * every
    found = judged(losses, index=index, update=0.5, weight=1.0)
    assert found.steps == index[-1] + 1
    assert found.travel == pytest.approx(0.5 * found.steps)


def test_a_variable_that_starts_at_zero_has_no_way():
    weight = np.tile(np.float32([2.0, 0.0, 4.0]), (30, 1))
    update = np.tile(np.float32([0.1, 9.0, 0.1]), (30, 1))
    found = judged(np.ones(30), weight=weight, update=update)
    assert found.travel == pytest.approx(np.median([30 * 0.1 / 2, 30 * 0.1 / 4]))


@given(st.integers(0, 39), st.sampled_from([np.nan, np.inf, -np.inf]), st.booleans())
def test_the_first_step_that_is_not_finite(at, bad, in_the_loss):
    losses, nonfinite = np.ones(40), np.zeros(40)
    if in_the_loss:
        losses[at] = bad
    else:
        nonfinite[at] = 3
    found = judged(losses, nonfinite=nonfinite)
    assert found.first_nonfinite == at
    # One bad step from which the run came back is no divergence.
    assert found.diverged is (in_the_loss and at == 39)


def test_weights_that_are_not_finite_at_the_end_diverged():
    weight = np.where(np.arange(40) < 30, 2.0, np.nan)
    assert judged(np.ones(40), weight=weight).diverged
    assert not judged(np.ones(40), weight=2.0).diverged


@pytest.mark.parametrize(("at", "diverged"), [(9, True), (8, False)])
def test_a_last_epoch_that_was_spoiled_diverged(at, diverged):
    logs = ({"loss": None if epoch == at else 1.0} for epoch in range(10))
    epochs = tuple((epoch, 4 * epoch, log) for epoch, log in enumerate(logs))
    assert judged(np.ones(40), epochs).diverged is diverged


def test_a_loss_that_no_step_shows_is_taken_from_the_epochs():
    epochs = tuple((epoch, 10 * epoch, {"loss": 1.0 - 0.1 * epoch}) for epoch in range(10))
    found = judged(np.full(100, np.nan), epochs)
    assert (found.start, found.end) == pytest.approx((1.0, 0.1))
    assert found.first_nonfinite is None
    assert not found.diverged


@given(st.integers(0, 2**32 - 1))
def test_noise_around_a_plateau_hardly_ever_counts_as_falling(seed):
    rng = np.random.default_rng(seed)
    falls = [judged(1 + 0.1 * rng.normal(size=120)).falling > 0.2 for _ in range(10)]
    assert sum(falls) <= 3


@given(st.floats(0.0009765625, 0.0078125), st.floats(1, 100))
def test_a_straight_fall_is_measured_against_what_there_was_to_lose(slope, top):
    losses = top * (1 - slope * np.arange(120))
    # The last third of a line lost 40 steps of its slope; up to the first ninth of a third, the
    # start is the top.
    expected = 40 * slope / (1 - slope * 6)
    assert judged(losses).falling == pytest.approx(expected, rel=0.02)


@given(LOSSES, st.floats(0.125, 8, width=32), st.floats(0.0009765625, 4, width=32))
def test_the_first_steps_over_the_weights(losses, weight, update):
    found = went(losses, weight=weight, update=update)
    assert found.early_ratio == pytest.approx(update / weight)
    assert found.growth == pytest.approx(1)


def test_only_kernels_tell_the_size_of_a_step():
    weight = np.tile(np.float32([2.0, 0.5, 4.0]), (30, 1))
    update = np.tile(np.float32([0.1, 9.0, 0.1]), (30, 1))
    found = went(np.ones(30), weight=weight, update=update)
    assert found.early_ratio == pytest.approx(np.median([0.1 / 2, 0.1 / 4]))


def test_late_steps_are_not_early():
    update = np.where(np.arange(100) < EARLY, 0.02, 50.0)
    assert went(np.ones(100), update=update).early_ratio == pytest.approx(0.01)


@given(st.integers(0, 59), st.floats(2, 1024, width=32))
def test_a_gradient_jumps_against_its_own_median(at, height):
    gradient = np.ones(60)
    gradient[at] = height
    found = went(np.ones(60), gradient=gradient)
    # A large gradient at the start only falls.
    assert found.jump == pytest.approx(height if at >= EARLY else 1, rel=1e-5)


@given(st.floats(0.001, 1000), st.integers(0, 2**32 - 1))
def test_no_scale_of_loss_or_gradient_changes_the_course(scale, seed):
    rng = np.random.default_rng(seed)
    losses, gradient = rng.uniform(0.5, 2, 80), rng.uniform(0.5, 2, 80)
    one, other = went(losses, gradient=gradient), went(losses * scale, gradient=gradient * scale)
    assert other.jump == pytest.approx(one.jump, rel=1e-3)
    assert other.loss_jump == pytest.approx(one.loss_jump, rel=1e-3)
    assert other.rise == pytest.approx(one.rise, rel=1e-2, abs=1e-3)


@given(st.floats(0.0001, 0.008))
def test_a_loss_that_only_falls_neither_jumps_nor_rises(slope):
    losses = 1 - slope * np.arange(120)
    found = went(losses)
    assert found.rise == 0
    assert found.loss_jump is None or found.loss_jump < 3


def test_a_fall_that_was_lost_again():
    losses = np.concatenate([np.linspace(1.0, 0.2, 50), np.linspace(0.2, 0.6, 50)])
    # Half of the fall of 0.8, but for what the means over ten steps smooth away.
    assert went(losses).rise == pytest.approx(0.5, abs=0.1)


def test_a_spike_of_loss_and_gradient_together():
    gradient, losses = np.ones(60), np.linspace(1.0, 0.9, 60)
    gradient[40], losses[40] = 500.0, 30.0
    assert went(losses, gradient=gradient).spiking
    assert not went(np.linspace(1.0, 0.9, 60), gradient=gradient).spiking


def test_the_rate_against_the_usual_one():
    assert went(np.ones(30), rate=0.5).rate_ratio == pytest.approx(500)
    assert went(np.ones(30), "Adadelta", rate=0.001).rate_ratio == pytest.approx(0.001)
    assert went(np.ones(30), "Mine", rate=0.001).rate_ratio is None


def test_gradients_that_are_exactly_zero():
    assert went(np.ones(30), gradient=0.0).gradient_zero
    gradient = np.zeros(30)
    gradient[7] = 1e-30
    assert not went(np.ones(30), gradient=gradient).gradient_zero


def test_without_steps_nothing_is_claimed():
    assert progress(None, (), None, None).skill is None
    found = course(None, None)
    assert (found.early_ratio, found.jump, found.rise) == (None, None, 0.0)


@given(
    arrays.arrays(np.float32, (5, 3), elements=st.floats(0, 100, width=32)),
)
def test_a_total_is_the_root_of_the_sum_of_squares(norms):
    steps = steps_of(np.ones(5), gradient=norms)
    exact = norms.astype(np.float64)
    assert steps.total("gradient_norm") == pytest.approx(np.sqrt((exact**2).sum(1)))
    by_layer = steps.layer_total("gradient_norm")
    assert by_layer["lstm"] == pytest.approx(np.sqrt((exact[:, :2] ** 2).sum(1)))
    assert by_layer["dense"] == pytest.approx(exact[:, 2])
