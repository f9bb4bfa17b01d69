"""SARIF: every diagnosis keeps to the official schema, and what it says can be applied."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.findings.registry import rule, rules
from unstuck.lint import diagnose
from unstuck.record import Diagnosis, Edit, Finding, Location, Quantity, Tool, Treatment
from unstuck.report import sarif

SCHEMA = json.loads(
    (Path(__file__).parent / "vendor" / "sarif-2.1.0-rtm.4.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)

texts = st.text(max_size=8)
files = (
    st.none()
    | texts
    | st.sampled_from(["a.py", "/x/ü b.py", "n.ipynb:cell 2", "a:b.py", "\udcff.py"])
)
edits = st.builds(Edit, line=st.integers(1, 99), old=texts, new=texts)
findings = st.builds(
    Finding,
    code=st.sampled_from([*(one.code for one in rules()), "XYZ999"]),
    name=texts,
    cause=texts,
    severity=st.sampled_from(["error", "warning", "note"]),
    level=st.just("suspected"),
    confidence=st.floats(0, 1),
    message=st.text(min_size=1, max_size=8),
    location=st.builds(Location, file=files, line=st.none() | st.integers(1, 99)),
    evidence=st.dictionaries(texts, st.builds(Quantity, value=st.floats() | texts), max_size=2),
    treatments=st.lists(
        st.builds(
            Treatment,
            id=texts,
            summary=texts,
            edits=st.lists(edits, max_size=2).map(tuple),
            safe=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


def diagnosis(*found, sources=None) -> Diagnosis:
    return Diagnosis(
        tool=Tool("0.1.0"),
        script=None,
        fits=(),
        findings=found,
        verdict="undetermined",
        summary="",
        sources=sources or {},
    )


def one_run(made: Diagnosis) -> dict:
    document = json.loads(sarif.text(made))
    VALIDATOR.validate(document)
    (run,) = document["runs"]
    return run


@settings(max_examples=60, deadline=None)
@given(st.lists(findings, max_size=3), st.lists(texts, max_size=2))
def test_every_diagnosis_keeps_to_the_schema(found, problems):
    document = json.loads(sarif.text(diagnosis(*found), problems))
    VALIDATOR.validate(document)
    (run,) = document["runs"]
    assert len(run["results"]) == len(found)
    assert run["invocations"][0]["executionSuccessful"] is not bool(problems)
    for result, finding in zip(run["results"], found, strict=True):
        named = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert named["id"] == result["ruleId"] == finding.code


@pytest.mark.parametrize("name", ["stuck", "healthy", "diverged", "no_fits", "hostile", "large"])
def test_a_diagnosis_of_a_run_keeps_to_the_schema(samples, name):
    one_run(getattr(samples, name)())


def test_the_schema_can_say_no():
    document = sarif.document(diagnosis())
    document["runs"][0]["results"] = [{"level": "fatal"}]
    assert not VALIDATOR.is_valid(document)


def test_a_rule_brings_its_page():
    made = diagnose([Script.parse(rule("OUT101").sick, "train.py")])
    (named,) = one_run(made)["tool"]["driver"]["rules"]
    assert named["name"] == "OutputSoftmaxSingleUnit"
    assert named["shortDescription"]["text"] == "A softmax over one unit is always 1."
    assert named["fullDescription"]["text"].startswith("A layer with one unit and a softmax")
    assert "## What cures it" in named["help"]["markdown"]
    assert named["properties"]["cause"] == "output_softmax_single_unit"


def test_a_result_names_its_place_and_change():
    made = diagnose([Script.parse(rule("OUT101").sick, "my scripts/train.py")])
    (result,) = one_run(made)["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20scripts/train.py"
    assert place["region"] == {"startLine": 5, "startColumn": 5}
    assert (result["level"], result["rank"]) == ("error", 98)
    (fix,) = result["fixes"]
    assert fix["properties"]["safe"] is True
    assert fix["artifactChanges"][0]["artifactLocation"]["uri"] == "my%20scripts/train.py"


def replaced(text: str, change: dict) -> str:
    """What a reader of SARIF makes of the replacements, as the standard says in 3.57."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for part in sorted(
        change["replacements"],
        key=lambda one: (one["deletedRegion"]["startLine"], one["deletedRegion"]["startColumn"]),
        reverse=True,
    ):
        region = part["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + part.get("insertedContent", {"text": ""})["text"] + text[end:]
    return text


@given(st.data())
def test_replacements_do_what_the_edits_do(data):
    lines = data.draw(st.lists(st.text("abü𝄞 ", min_size=1, max_size=4), min_size=1, max_size=5))
    text = "".join(f"{line}\n" for line in lines)
    kinds = data.draw(
        st.lists(
            st.sampled_from(["keep", "change", "remove", "insert"]),
            min_size=len(lines),
            max_size=len(lines),
        )
    )
    made = []
    for number, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1):
        if kind == "insert":
            made.append(Edit(number, "", "new"))
        elif kind != "keep":
            made.append(Edit(number, line, "other" if kind == "change" else ""))
    treatment = Treatment("it", "Do it.", tuple(made) or (Edit(1, lines[0], "x"),))
    finding = dataclasses.replace(
        Finding("OUT101", "n", "c", "error", "suspected", 1.0, "m"),
        location=Location("a.py", 1),
        treatments=(treatment,),
    )
    (result,) = one_run(diagnosis(finding))["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert replaced(text, change) == apply(text, treatment.edits)


def test_fingerprints_survive_moved_lines_and_tell_equal_lines_apart():
    sick = rule("OUT101").sick
    twice = sick + sick.split("\n", 1)[1]

    def prints(text: str, path: str = "train.py") -> list[str]:
        results = one_run(diagnose([Script.parse(text, path)]))["results"]
        return [one["partialFingerprints"]["unstuck/v1"] for one in results]

    (alone,) = prints(sick)
    assert prints(f"# a line more\n\n{sick}") == [alone]
    first, second = prints(twice)
    assert (first, len({first, second})) == (alone, 2)
    assert prints(sick, "other.py") != [alone]
    assert prints(sick.replace("'softmax'", '"softmax"')) != [alone]


def test_a_finding_in_a_notebook_names_the_cell_and_no_line_of_the_file():
    cells = [{"cell_type": "code", "source": rule("OUT101").sick}]
    made = diagnose([Script.parse(json.dumps({"cells": cells}), "train.ipynb")])
    (result,) = one_run(made)["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "train.ipynb"}}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "cell 1, line 5"}]
    assert result["fixes"] == []
