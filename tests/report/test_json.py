from __future__ import annotations

import copy
import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck import record
from unstuck.report import json as document

VALIDATOR = jsonschema.Draft202012Validator(document.schema())
DEFINITIONS = document.schema()["$defs"]

texts = st.text(max_size=8)
maybe = lambda strategy: st.none() | strategy  # noqa: E731
locations = st.builds(
    record.Location,
    file=maybe(texts),
    line=maybe(st.integers(1, 9999)),
    layer=maybe(texts),
    gate=maybe(texts),
    timestep=maybe(st.integers(0, 9999)),
)
quantities = st.builds(
    record.Quantity, value=st.none() | st.floats() | st.integers() | texts, unit=texts
)
edits = st.builds(record.Edit, line=st.integers(1, 9999), old=texts, new=texts)
trials = st.dictionaries(texts, st.floats() | texts | st.lists(st.floats(), max_size=3), max_size=3)
treatments = st.builds(
    record.Treatment,
    id=texts,
    summary=texts,
    edits=st.lists(edits, max_size=2).map(tuple),
    trial=maybe(trials),
    safe=st.booleans(),
)
findings = st.builds(
    record.Finding,
    code=texts,
    name=texts,
    cause=texts,
    severity=st.sampled_from(record.SEVERITIES),
    level=st.sampled_from(record.LEVELS),
    confidence=st.floats(0, 1),
    message=texts,
    location=locations,
    evidence=st.dictionaries(texts, quantities, max_size=3),
    treatments=st.lists(treatments, max_size=2).map(tuple),
    explains=st.lists(texts, max_size=2).map(tuple),
)
several = st.lists(findings, max_size=2).map(tuple)
losses = st.builds(
    record.LossSummary,
    start=maybe(st.floats()),
    end=maybe(st.floats()),
    constant_predictor=maybe(st.floats()),
    naive_forecast=maybe(st.floats()),
)
fits = st.builds(
    record.FitReport,
    model=texts,
    location=locations,
    steps=st.integers(0, 10**9),
    verdict=st.sampled_from(record.VERDICTS),
    summary=texts,
    loss=losses,
    skill=maybe(st.floats()),
    findings=several,
    interrupted=maybe(texts),
    curves=st.just(record.Curves(steps=(0,), loss=(1.0,))),
)
diagnoses = st.builds(
    record.Diagnosis,
    tool=st.builds(record.Tool, version=texts, keras=maybe(texts), backend=maybe(texts)),
    script=maybe(texts),
    fits=st.lists(fits, max_size=2).map(tuple),
    findings=several,
    verdict=st.sampled_from(record.VERDICTS),
    summary=texts,
    sources=st.dictionaries(texts, texts, max_size=1),
)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@settings(max_examples=60, deadline=None)
@given(diagnoses)
def test_every_diagnosis_keeps_to_the_schema(diagnosis):
    read = json.loads(document.text(diagnosis), parse_constant=_no_constant)
    VALIDATOR.validate(read)
    assert read == diagnosis.to_json()


@pytest.mark.parametrize("name", ["stuck", "healthy", "diverged", "no_fits", "hostile", "large"])
def test_a_written_file_keeps_to_the_schema(samples, name, tmp_path):
    path = tmp_path / "diagnosis.json"
    document.write(getattr(samples, name)(), path)
    VALIDATOR.validate(json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant))


def test_what_is_not_finite_is_null(samples):
    read = json.loads(document.text(samples.diverged()))
    assert read["fits"][0]["loss"]["end"] is None
    evidence = read["findings"][0]["evidence"]
    assert evidence["largest_cell_state"] == {"value": None, "unit": "1"}
    assert read["findings"][0]["treatments"][0]["trial"]["loss"]["without"] == [None] * 3


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(document.schema())


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("verdict", record.VERDICTS),
        ("severity", record.SEVERITIES),
        ("level", record.LEVELS),
    ],
)
def test_the_words_of_the_schema_are_those_of_the_record(definition, words):
    assert tuple(DEFINITIONS[definition]["enum"]) == words


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ("tool", record.Tool),
        ("location", record.Location),
        ("quantity", record.Quantity),
        ("edit", record.Edit),
        ("treatment", record.Treatment),
        ("finding", record.Finding),
        ("loss", record.LossSummary),
        ("fit", record.FitReport),
        (None, record.Diagnosis),
    ],
)
def test_the_schema_asks_for_every_field_and_allows_no_other(definition, kind):
    part = document.schema() if definition is None else DEFINITIONS[definition]
    names = {f.name for f in dataclasses.fields(kind) if f.metadata.get("json", True)}
    assert set(part["properties"]) == set(part["required"]) == names
    assert part["additionalProperties"] is False


def _set(path: list, value: object):
    def change(read: dict) -> None:
        *way, last = path
        for step in way:
            read = read[step]
        read[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set(["verdict"], "fine"),
        _set(["schema_version"], 2),
        _set(["extra"], 1),
        _set(["findings", 0, "severity"], "fatal"),
        _set(["findings", 0, "level"], "sure"),
        _set(["findings", 0, "confidence"], 1.5),
        _set(["findings", 0, "evidence", "number"], 3),
        _set(["findings", 0, "evidence", "number"], {"value": 3}),
        _set(["findings", 0, "location", "line"], 0),
        _set(["findings", 0, "location", "column"], 1),
        _set(["findings", 0, "treatments", 0, "edits", 0, "line"], None),
        _set(["findings", 0, "treatments", 0, "safe"], "maybe"),
        _set(["fits", 0, "steps"], -1),
        _set(["fits", 0, "loss", "best"], 0.0),
        lambda read: read.pop("summary"),
    ],
)
def test_the_schema_refuses_what_the_record_cannot_say(samples, change):
    read = copy.deepcopy(samples.stuck().to_json())
    VALIDATOR.validate(read)
    change(read)
    assert not VALIDATOR.is_valid(read)
