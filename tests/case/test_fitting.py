"""What a callback can find out about the fit that called it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from unstuck.case.facts import Place
from unstuck.case.fitting import fit_arguments, fit_facts

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20.0)[:, None]


class Look(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.arguments = self.evaluation = None

    def on_train_begin(self, logs=None):
        self.arguments = fit_arguments(self.model)

    def on_test_begin(self, logs=None):
        self.evaluation = fit_arguments(self.model, "evaluate")


class Overriding(keras.Sequential):
    """A fit of its own around Keras's, as people write it."""

    def fit(self, x, y, **settings):
        return super().fit(x, y, **settings)


def fitted(*arguments, model=None, **settings):
    model = model or keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    look = Look()
    model.fit(*(arguments or (X, Y)), verbose=0, callbacks=[look], **settings)
    return look


def test_arrays():
    look = fitted(batch_size=6, epochs=3, initial_epoch=1, shuffle=False)
    facts = fit_facts(look.arguments, Place("train.py", 9))
    assert look.arguments.x is X
    assert look.arguments.y is Y
    assert not look.arguments.streamed
    assert (facts.epochs, facts.initial_epoch, facts.batch_size) == (3, 1, 6)
    assert (facts.samples, facts.steps_per_epoch, facts.source) == (20, 4, "arrays")
    assert (facts.validation, facts.shuffle, facts.sample_weight) == ("none", False, False)
    assert facts.callbacks == ("Look",)
    assert facts.place == Place("train.py", 9)


def test_defaults():
    facts = fit_facts(fitted().arguments)
    assert (facts.batch_size, facts.epochs, facts.shuffle) == (32, 1, True)


def test_split_is_seen_after_it_was_taken_off():
    look = fitted(validation_split=0.25)
    np.testing.assert_array_equal(look.arguments.x, X[:15])
    np.testing.assert_array_equal(look.arguments.validation_data[1], Y[15:])
    facts = fit_facts(look.arguments)
    assert (facts.validation, facts.samples) == ("split", 15)


@pytest.mark.parametrize("split", [0.0, 0.25])
@pytest.mark.parametrize("by_position", [True, False])
def test_given_validation_data_win_over_a_split(split, by_position):
    held_out = (X[:4], Y[:4])
    if by_position:
        look = Look()
        model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, Y, 32, 1, 0, [look], split, held_out)
    else:
        look = fitted(validation_data=held_out, validation_split=split)
    assert fit_facts(look.arguments).validation == "data"
    assert look.arguments.x is X
    assert look.evaluation.x is held_out[0]
    assert look.evaluation.epoch_iterator is not look.arguments.epoch_iterator


def test_weights():
    facts = fit_facts(fitted(class_weight={0: 1, 1: 2.5}).arguments)
    assert facts.class_weight == {"0": 1.0, "1": 2.5}
    assert fit_facts(fitted(X, Y, sample_weight=np.ones(20)).arguments).sample_weight


def test_generator():
    def batches():
        while True:
            yield X, Y

    look = fitted(batches(), steps_per_epoch=2, epochs=2)
    facts = fit_facts(look.arguments)
    assert look.arguments.streamed
    assert (facts.source, facts.steps_per_epoch, facts.samples) == ("generator", 2, None)
    assert facts.shuffle is None


def test_model_with_a_fit_of_its_own():
    model = Overriding([keras.Input((2,)), layers.Dense(1)])
    assert fitted(model=model).arguments.x is X


def test_only_the_fit_of_this_model_counts():
    other = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    found = []

    class Inside(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            found.append((fit_arguments(other), fit_arguments(self.model)))

    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0, callbacks=[Inside()])
    assert found[0][0] is None
    assert found[0][1].x is X
    assert fit_arguments(model) is None
