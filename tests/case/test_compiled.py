"""What compile was given, in each of the ways in which it can be said."""

from __future__ import annotations

import functools
import json

import keras
import numpy as np
import pytest
from keras import layers

from unstuck.case.compiled import canonical, compile_facts
from unstuck.case.facts import CompileFacts, Place, from_plain
from unstuck.record import plain


def own_loss(y_true, y_pred):
    return keras.ops.mean((y_true - y_pred) ** 2)


class OwnLoss(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return own_loss(y_true, y_pred)


def one_output():
    return keras.Sequential([keras.Input((4, 2)), layers.LSTM(2), layers.Dense(1, name="out")])


def two_outputs():
    inputs = keras.Input((4, 2))
    state = layers.LSTM(2)(inputs)
    return keras.Model(inputs, [layers.Dense(1, name=name)(state) for name in ("b", "a")])


LOSSES = {
    "mse": ("mse", "mean_squared_error", None, False),
    "class name": ("MeanAbsoluteError", "mean_absolute_error", None, False),
    "function": (keras.losses.mean_squared_error, "mean_squared_error", None, False),
    "bce": ("bce", "binary_crossentropy", False, False),
    "instance": (
        keras.losses.BinaryCrossentropy(from_logits=True),
        "binary_crossentropy",
        True,
        False,
    ),
    "renamed": (keras.losses.Huber(name="mine"), "huber", None, False),
    "partial": (
        functools.partial(keras.losses.sparse_categorical_crossentropy, from_logits=True),
        "sparse_categorical_crossentropy",
        True,
        False,
    ),
    "kld": (keras.losses.KLDivergence(), "kl_divergence", None, False),
    "user's function": (own_loss, "own_loss", None, True),
    "user's class": (OwnLoss(), "OwnLoss", None, True),
    "short": ("crossentropy", "crossentropy", None, False),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    given, expected, logits, custom = LOSSES[name]
    model = one_output()
    model.compile("sgd", given)
    (loss,) = compile_facts(model).losses
    assert (loss.output, loss.name, loss.from_logits, loss.custom) == (
        "out",
        expected,
        logits,
        custom,
    )


def test_every_loss_of_keras_has_its_function_as_name():
    for name in dir(keras.losses):
        thing = getattr(keras.losses, name)
        if isinstance(thing, type) and issubclass(thing, keras.losses.Loss) and name != "Loss":
            assert hasattr(keras.losses, canonical(name)), name


@pytest.mark.parametrize(
    "given",
    [["mse", "mae"], {"b": "mse", "a": "mae"}, {"a": "mae", "b": keras.losses.MeanSquaredError()}],
)
def test_losses_by_output(given):
    model = two_outputs()
    model.compile("adam", given, metrics={"a": ["mae", "mse"]})
    facts = compile_facts(model)
    assert {loss.output: loss.name for loss in facts.losses} == {
        "b": "mean_squared_error",
        "a": "mean_absolute_error",
    }
    assert facts.metrics == {"a": ("mean_absolute_error", "mean_squared_error")}


def test_metrics():
    model = one_output()
    given = ["acc", "accuracy", keras.metrics.AUC(name="curve"), "mse", own_loss]
    model.compile("adam", "mse", metrics=given, weighted_metrics=["mae"])
    full = ["accuracy", "accuracy", "auc", "mean_squared_error", "own_loss", "mean_absolute_error"]
    assert compile_facts(model).metrics == {"out": tuple(full)}


def test_optimizer_and_its_rate():
    model = one_output()
    model.compile(keras.optimizers.SGD(0.25, momentum=0.5, clipnorm=1.0), "mse", run_eagerly=True)
    facts = compile_facts(model, Place("train.py", 7))
    assert facts.optimizer.name == "SGD"
    assert facts.optimizer.learning_rate == 0.25
    assert facts.optimizer.schedule is None
    assert facts.optimizer.config["momentum"] == 0.5
    assert facts.optimizer.config["clipnorm"] == 1.0
    assert (facts.run_eagerly, facts.steps_per_execution, facts.place) == (
        True,
        1,
        Place("train.py", 7),
    )
    model.optimizer.learning_rate = 0.125
    assert compile_facts(model).optimizer.learning_rate == 0.125


def test_schedule_and_loss_scaling():
    model = one_output()
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.5, warmup_steps=5)
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.RMSprop(schedule))
    model.compile(scaled, "mse")
    facts = compile_facts(model)
    assert facts.optimizer.name == "RMSprop"
    assert facts.optimizer.schedule == "CosineDecay"
    assert facts.optimizer.learning_rate == 0.0
    assert from_plain(CompileFacts, json.loads(json.dumps(plain(facts)))) == facts


def test_subclassed_model_that_has_not_been_called():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    model = Own()
    model.compile("adam", {"p": "mse", "q": "mae"})
    assert [loss.output for loss in compile_facts(model).losses] == ["p", "q"]
    model.compile("adam", "mse")
    assert [loss.output for loss in compile_facts(model).losses] == ["output"]


def test_taking_facts_changes_no_names():
    model = one_output()
    model.compile("adam", "MeanSquaredError", metrics=["AUC"])
    first = keras.losses.MeanSquaredError().name, keras.metrics.AUC().name
    compile_facts(model)
    second = keras.losses.MeanSquaredError().name, keras.metrics.AUC().name
    numbers = [int(name.rpartition("_")[2]) if name[-1].isdigit() else 0 for name in first + second]
    assert numbers[2] - numbers[0] in (0, 1)
    assert numbers[3] - numbers[1] == 1
    assert np.isfinite(compile_facts(model).optimizer.learning_rate)
