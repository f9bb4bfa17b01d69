"""What holds for every rule: its name, its page, its causes and its examples."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from unstuck.case.script import Script
from unstuck.findings.registry import rule, rules
from unstuck.lint.check import check

FAMILIES = {
    "DAT": "data",
    "SEQ": "sequence",
    "MSK": "masking",
    "OUT": "output",
    "ACT": "activation",
    "ARC": "architecture",
    "OPT": "optimization",
    "GRD": "gradients",
    "GEN": "generalization",
    "INI": "initialization",
    "STA": "state",
}
CAUSES = set(
    """
    no_input_scaling no_target_scaling nonfinite_input constant_feature insufficient_data
    class_imbalance no_signal_in_data label_encoding_error categorical_codes_as_numbers
    validation_split_unrepresentative

    no_history_single_timestep window_too_short sequence_too_long time_axis_error
    features_treated_as_timesteps target_misalignment persistence_solution
    recursive_rollout_fixed_point

    padding_not_masked mask_broken mask_value_collision embedding_index_out_of_range
    embedding_on_continuous_features

    output_softmax_single_unit output_activation_range_mismatch loss_task_mismatch
    logits_probability_mismatch target_shape_broadcast return_sequences_wrong
    custom_loss_numerics custom_loss_non_differentiable metric_mismatch

    lstm_relu_activation lstm_internal_activation_wrong redundant_activation saturated_gates
    dead_units

    capacity_too_small capacity_too_large architecture_too_deep architecture_wrong_for_task
    seq2seq_no_teacher_forcing

    stateful_misuse batchnorm_train_test_gap batch_composition

    lr_too_high lr_too_low no_lr_schedule optimizer_unsuited optimizer_step_too_small
    batch_size_too_large batch_size_too_small too_few_updates frozen_weights

    vanishing_gradients exploding_gradients no_gradient_clipping

    poor_initialization overfitting over_regularization
    """.split()  # noqa: SIM905
)
"""The catalogue of causes that a diagnosis may name."""
SECTIONS = (
    "What it finds",
    "Why LSTMs get this",
    "How it is measured",
    "What proves it",
    "What cures it",
    "False alarms",
    "References",
)

every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda one: one.cause)


def test_no_two_rules_share_a_code_name_or_cause():
    for attribute in ("code", "name", "cause"):
        values = [getattr(one, attribute) for one in rules()]
        assert len(set(values)) == len(values)


@every_rule
def test_a_rule_is_named_after_its_cause(rule):
    assert rule.cause in CAUSES
    family, module = type(rule).__module__.split(".")[-2:]
    assert module == rule.cause
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    assert FAMILIES[rule.code[:3]] == family
    assert type(rule).__name__ == "".join(part.title() for part in rule.cause.split("_"))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


@every_rule
def test_its_docstring_is_a_page(rule):
    page = inspect.getdoc(type(rule))
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    assert tuple(parts[1::2]) == SECTIONS
    assert all(len(text.strip()) > 10 for text in parts[2::2])
    assert parts[0].strip().endswith(".")


@every_rule
def test_it_explains_known_causes_other_than_its_own(rule):
    assert set(rule.explains) <= CAUSES - {rule.cause}
    assert len(set(rule.explains)) == len(rule.explains)


@every_rule
def test_its_examples_are_scripts_of_which_only_one_is_suspected(rule):
    ast.parse(rule.sick)
    assert rule.sick != rule.healthy
    found = [finding.code for finding in check(Script.parse(rule.healthy))]
    assert rule.code not in found


SHOWN_BY_THE_SOURCE = (
    *("ACT101", "ACT102", "ACT105", "DAT105", "SEQ101", "OUT101"),
    *("MSK101", "MSK103", "MSK105"),
    *("OPT101", "OPT102", "OPT103", "OPT104", "OPT105"),
    *("STA101", "INI101"),
    *("ARC101", "ARC103", "GEN102", "OPT106", "SEQ105", "STA103"),
    *("ARC105", "OPT107", "OPT108", "STA102"),
)


@pytest.mark.parametrize("code", SHOWN_BY_THE_SOURCE)
def test_the_sick_example_is_suspected(code):
    found = list(rule(code).suspect(Script.parse(rule(code).sick, "train.py")))
    assert found
    assert {one.level for one in found} == {"suspected"}
    assert all(one.location.file == "train.py" and one.location.line for one in found)
