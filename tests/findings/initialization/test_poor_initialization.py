"""INI101: initial weights from which nothing can be learned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.edits import apply

HEAD = "import keras\nfrom keras import initializers, layers\n"


def source(layer: str, head: str = "layers.Dense(1)") -> str:
    return f"{HEAD}model = keras.Sequential([\n    {layer},\n    {head},\n])\n"


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ("kernel_initializer='zeros'", "warning"),
        ("kernel_initializer='Ones'", "warning"),
        ("kernel_initializer=initializers.Zeros", "warning"),
        ("kernel_initializer=initializers.Zeros()", "warning"),
        ("kernel_initializer=keras.initializers.Constant(0.5)", "warning"),
        ("kernel_initializer=keras.initializers.Constant(value=0.5)", "warning"),
        ("recurrent_initializer=initializers.RandomNormal(stddev=5.0)", "warning"),
        ("kernel_initializer=initializers.RandomNormal(0.0, 3.0)", "warning"),
        ("kernel_initializer=initializers.TruncatedNormal(mean=2, stddev=0.01)", "warning"),
        ("kernel_initializer=initializers.RandomUniform(-5, 5)", "warning"),
        ("kernel_initializer=initializers.RandomNormal(stddev=1e-5)", "warning"),
        ("bias_initializer=initializers.Constant(-5.0)", "warning"),
    ],
)
def test_what_the_source_shows(suspected, options, severity):
    script = source(f"layers.LSTM(8, {options})")
    (finding,) = suspected("INI101", script)
    assert (finding.severity, finding.level, finding.location.line) == (severity, "suspected", 4)
    edited = apply(script, finding.treatments[0].edits)
    assert "layers.LSTM(8)," in edited


def test_a_head_of_zeros_learns(suspected):
    head = "layers.Dense(1, None, True, 'zeros')"
    assert not suspected("INI101", source("layers.LSTM(8)", head))


@pytest.mark.parametrize(
    "options",
    [
        "",
        "kernel_initializer='he_normal'",
        "kernel_initializer='random_normal'",
        "kernel_initializer=initializers.RandomNormal(stddev=0.02)",
        "kernel_initializer=initializers.GlorotUniform(seed=1)",
        "recurrent_initializer='identity'",
        "recurrent_initializer=initializers.Orthogonal(gain=1.2)",
        "bias_initializer='zeros'",
        "bias_initializer=initializers.Constant(1.0)",
        "kernel_initializer=mine",
        "kernel_initializer=initializers.RandomNormal(stddev=spread)",
    ],
)
def test_sources_that_are_left_alone(suspected, options):
    assert not suspected("INI101", source(f"layers.LSTM(8, {options})"))


def named(kind: str, **config: object) -> dict[str, object]:
    return {"class_name": kind, "config": config}


def start(drive: float, shape: tuple[int, int]) -> float:
    """The norm of a kernel that gives a pre-activation of this spread for inputs of unit size."""
    return drive / math.sqrt(shape[0]) * math.sqrt(shape[0] * shape[1])


SHAPE = (2, 32)


def words(cell, initializer, norms, **more):
    lstm = cell(line=4, units=8, kernel_initializer=initializer, bias_initializer=named("Zeros"))
    variables = {"lstm/kernel": {"shape": SHAPE, "weight": norms}}
    return {"layers": (lstm,), "variables": variables} | more


NORMAL = named("RandomNormal", mean=0.0, stddev=5.0)
BARE = (0.0, 0.0)


@pytest.mark.parametrize(
    ("initializer", "norms", "severities"),
    [
        # Zeros that never moved; zeros that did.
        (named("Zeros"), 0.0, ["error"]),
        (named("Zeros"), np.linspace(0, 3, 60), ["warning"]),
        (named("Constant", value=0.5), 4.0, ["warning"]),
        (NORMAL, start(7.0, SHAPE), ["error"]),
        (NORMAL, start(3.0, SHAPE), []),
        (NORMAL, start(1e-3, SHAPE), ["error"]),
        (NORMAL, np.linspace(start(1e-3, SHAPE), 2.0, 60), ["warning"]),
        # Weights that something else has set are no initializer's.
        (named("GlorotUniform"), start(7.0, SHAPE), []),
        ("mine", start(7.0, SHAPE), ["error"]),
    ],
)
def test_scales_of_the_first_weights(written, cell, initializer, norms, severities):
    given = words(cell, initializer, norms)
    assert [one.severity for one in written.judge("INI101", **given)] == severities
    assert not written.judge("INI101", skill=0.95, **given)


def test_the_drive_is_that_of_independent_inputs(written, cell):
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 5.0, SHAPE)
    given = words(cell, NORMAL, float(np.linalg.norm(kernel)))
    (found,) = written.judge(
        "INI101", source=source("layers.LSTM(8, kernel_initializer=k)"), **given
    )
    pre_activations = rng.normal(size=(20_000, 2)) @ kernel
    assert found.evidence["unit_drive"].value == pytest.approx(pre_activations.std(), rel=0.02)
    assert (found.location.line, found.location.layer) == (4, "lstm")
    cured = apply(source("layers.LSTM(8, kernel_initializer=k)"), found.treatments[0].edits)
    assert "layers.LSTM(8)," in cured


def test_units_that_have_parted_are_several(written, cell):
    given = words(cell, named("Constant", value=0.5), 4.0)
    alike = both(site(weights={"symmetric_units": 1.0}, states={"twins": 1.0}))
    (found,) = written.judge("INI101", xrays=alike, **given)
    assert found.severity == "error"
    # Apart by a hair, they still say one thing.
    (found,) = written.judge("INI101", xrays=both(site(states={"rank": 1.2})), **given)
    assert found.severity == "error"
    parted = (xray(site(weights={"symmetric_units": 1.0})), xray(site(), step=60, reason="end"))
    (found,) = written.judge("INI101", xrays=parted, **given)
    assert found.severity == "warning"


def test_large_weights_on_small_inputs(written, cell):
    given = words(cell, NORMAL, start(7.0, SHAPE))
    (found,) = written.judge("INI101", xrays=both(), **given)
    assert found.severity == "warning"
    saturated = both(site(gates={"input": {"saturated": 0.6}}))
    (found,) = written.judge("INI101", xrays=saturated, **given)
    assert found.severity == "error"


def test_a_bias_that_holds_a_gate_shut(written, cell):
    lstm = cell(line=4, bias_initializer=named("Constant", value=-6.0))
    shut, opened = site(gates={"output": {"mean": 0.002}}), site()
    given = {"layers": (lstm,), "source": source("layers.LSTM(8, bias_initializer=low)")}
    (found,) = written.judge("INI101", xrays=both(shut), **given)
    assert (found.severity, found.location.gate) == ("error", "output")
    assert found.evidence["gate_at_start"].value == pytest.approx(0.002)
    left = (xray(shut), xray(opened, step=60, reason="end"))
    assert [one.severity for one in written.judge("INI101", xrays=left, **given)] == ["warning"]
    assert [one.severity for one in written.judge("INI101", **given)] == ["warning"]
    assert not written.judge("INI101", xrays=both(), **given)
    # A gate that learned to shut is no start.
    late = (xray(opened), xray(shut, step=60, reason="end"))
    assert not written.judge("INI101", xrays=late, **given)


def test_hidden_layers_and_embeddings_count_too(written, cell):
    layers = (
        cell("Embedding", embeddings_initializer=named("RandomNormal", mean=0.0, stddev=10.0)),
        cell(),
    )
    variables = {"embedding/embeddings": {"shape": (50, 8), "weight": 10 * math.sqrt(400)}}
    (found,) = written.judge("INI101", layers=layers, variables=variables)
    assert (found.location.layer, found.severity) == ("embedding", "error")


def test_inner_layers_of_wrappers_are_found_by_their_path(written, cell):
    inner = cell(name="forward_lstm", kernel_initializer=NORMAL)
    layers = (cell("Bidirectional"), inner)
    name = "bidirectional/forward_lstm/lstm_cell/kernel"
    variables = {name: {"shape": SHAPE, "weight": start(7.0, SHAPE)}}
    (found,) = written.judge("INI101", layers=layers, variables=variables)
    assert found.location.layer == "forward_lstm"


def test_a_record_that_begins_later_says_nothing(written, cell):
    with written.evidence(**words(cell, NORMAL, start(7.0, SHAPE))) as evidence:
        from unstuck.findings.registry import rule

        steps = evidence.steps
        evidence.__dict__["steps"] = steps.__class__(**{**vars(steps), "index": steps.index + 5})
        assert not list(rule("INI101").judge(evidence))
