"""Losses of tables of frequencies and of pairs, against entropies in closed form."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.observe.decoding import decoding

RNG = np.random.default_rng(0)
CLASSES, STEPS = 6, 10


def chain(samples: int = 2000) -> np.ndarray:
    """Each class is followed by one of two, with equal chances."""
    made = np.zeros((samples, STEPS), int)
    made[:, 0] = RNG.integers(0, CLASSES, samples)
    for step in range(1, STEPS):
        made[:, step] = (made[:, step - 1] + RNG.integers(1, 3, samples)) % CLASSES
    return made


LABELS = chain()
EVEN = np.full((*LABELS.shape, CLASSES), 1 / CLASSES)


def test_pairs_tell_what_their_entropy_says():
    found = decoding("y", [], LABELS, EVEN, False)
    assert found.bigram == pytest.approx(np.log(2), abs=0.02)
    assert found.unigram == pytest.approx(np.log(CLASSES), abs=0.02)
    assert found.model == pytest.approx(np.log(CLASSES), abs=1e-6)


def test_independent_classes_tell_nothing_of_the_next():
    labels = RNG.integers(0, CLASSES, LABELS.shape)
    found = decoding("y", [], labels, EVEN, False)
    assert found.bigram == pytest.approx(found.unigram, abs=0.03)
    assert found.bigram > np.log(CLASSES) - 0.01


def test_the_loss_of_the_model_is_that_of_keras():
    logits = RNG.normal(size=EVEN.shape)
    shares = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    loss = keras.losses.sparse_categorical_crossentropy(LABELS[:, 1:], shares[:, 1:])
    expected = float(np.mean(keras.ops.convert_to_numpy(loss)))
    for predictions, from_logits in ((shares, False), (logits, True)):
        found = decoding("y", [], LABELS, predictions, from_logits)
        assert found.model == pytest.approx(expected, rel=1e-5)
    hot = decoding("y", [], np.eye(CLASSES)[LABELS], shares, False)
    assert hot.model == pytest.approx(expected, rel=1e-5)


def test_padding_that_follows_padding_does_not_count():
    lengths = RNG.integers(2, STEPS, len(LABELS))
    filled = np.where(
        np.arange(STEPS) < lengths[:, None], RNG.integers(1, CLASSES, LABELS.shape), 0
    )
    found = decoding("y", [], filled, EVEN, False)
    assert found.bigram > found.unigram - 0.1


def test_inputs_are_known_by_what_they_lag_behind_the_targets():
    moved = np.concatenate([np.zeros((len(LABELS), 1), int), LABELS[:, :-1]], axis=1)
    inputs = [LABELS, moved, np.eye(CLASSES)[moved], np.zeros_like(LABELS), LABELS[:, :3]]
    found = decoding("y", inputs, LABELS, EVEN, False)
    assert found.shifts == (0, 1, 1, None, None)
    assert found.constant == (False, False, False, True, False)


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        (LABELS[:20], EVEN[:20]),
        (LABELS[:, :1], EVEN[:, :1]),
        (LABELS[:, 0], EVEN[:, 0]),
        (LABELS + 1, EVEN),
        (LABELS + 0.5, EVEN),
        (LABELS % 2, EVEN[:, :, :2]),
    ],
    ids=["few", "one step", "one class", "beyond", "numbers", "two classes"],
)
def test_other_targets_are_left_alone(labels, predictions):
    assert decoding("y", [], labels, predictions, False) is None


def test_what_an_input_decides_together_with_the_class_before_is_told():
    keys = RNG.integers(0, 8, 2000)
    wheels = np.array([RNG.permutation(CLASSES) for _ in range(8)])
    labels = np.zeros((2000, STEPS), int)
    labels[:, 0] = RNG.integers(0, CLASSES, 2000)
    for step in range(1, STEPS):
        labels[:, step] = wheels[keys, labels[:, step - 1]]
    source = np.stack([RNG.integers(0, 9, 2000), keys], axis=1)
    found = decoding("y", [source], labels, EVEN, False)
    assert found.bigram < 0.05
    assert found.unigram > 1.5
    assert decoding("y", [source[:, :1]], labels, EVEN, False).bigram > 1


def test_what_an_input_decides_alone_is_no_matter_of_the_class_before():
    kinds = RNG.integers(0, CLASSES, 2000)
    labels = (kinds[:, None] + np.arange(STEPS)) % CLASSES
    found = decoding("y", [kinds[:, None]], labels, EVEN, False)
    assert found.unigram < 0.05
    assert found.bigram == pytest.approx(found.unigram, abs=0.05)
