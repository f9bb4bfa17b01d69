"""However ``fit`` is fed, the watched training ends with the weights of the one that is not."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("scripts") / "feeding.py"
COMMON = (
    "arrays",
    "nothing_shuffled_and_a_later_epoch",
    "several_inputs_in_a_list",
    "several_inputs_in_a_dict",
    "validation_data",
    "validation_split",
    "class_weight",
    "sample_weight",
    "positional",
    "generator",
    "finite_generator",
    "pydataset",
    "stock_callbacks",
    "callback_forms",
    "subclass",
    "several_fits",
    "reloaded",
    "nested",
    "caught",
)
ALONE = {
    "torch": (*COMMON, "torch_loader", "eager"),
    "tensorflow": (
        "tf_data",
        "several_steps_per_execution",
        "compiled",
        "not_compiled",
        "reloaded",
    ),
    "jax": (
        "arrays",
        "several_steps_per_execution",
        "not_compiled",
        "nested",
        "caught",
    ),
}


def lines_of_fit() -> set[int]:
    calls = (node for node in ast.walk(ast.parse(SCRIPT.read_text())) if isinstance(node, ast.Call))
    return {call.lineno for call in calls if getattr(call.func, "attr", "") == "fit"}


@pytest.mark.slow
@pytest.mark.parametrize("backend", ALONE)
def test_the_weights_are_those_of_an_unwatched_run(python, tmp_path, backend):
    pytest.importorskip(backend)
    program = (str(SCRIPT), *ALONE[backend])
    plain = python(*program, KERAS_BACKEND=backend)
    assert plain.returncode == 0, plain.stderr
    ours = python(
        *("-m", "unstuck", "run", "--quiet", "--json", "out.json", "--fail-on", "never"),
        *program,
        KERAS_BACKEND=backend,
    )
    assert ours.stdout.splitlines() == plain.stdout.splitlines()
    assert "unstuck:" not in ours.stderr
    assert ours.returncode == 0
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["tool"]["backend"] == backend
    assert {fit["location"]["file"] for fit in document["fits"]} == {str(SCRIPT)}
    assert {fit["location"]["line"] for fit in document["fits"]} <= lines_of_fit()
    assert len(document["fits"]) >= len(ALONE[backend])


@pytest.mark.slow
def test_a_monitor_of_ones_own_yields_to_the_one_of_the_run(python, watched, tmp_path):
    program = (str(SCRIPT), "a_monitor_of_ones_own")
    plain, ours = python(*program), watched("--quiet", "--json", "out.json", *program)
    assert ours.stdout == plain.stdout != ""
    assert ours.stderr.count("unstuck:") == 1
    assert [fit["steps"] for fit in json.loads((tmp_path / "out.json").read_text())["fits"]] == [6]
