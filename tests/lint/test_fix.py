"""``--fix``, ``--unsafe-fixes`` and ``--diff``: what is changed, and what is left as it is."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess

import pytest

from unstuck.findings.registry import rules
from unstuck.lint import check
from unstuck.lint.document import Document
from unstuck.lint.fixing import chosen, difference, fix

WITH_EDITS = [
    rule
    for rule in rules()
    if any(
        chosen(found, unsafe=True) for found in check(Document("a.py", rule.sick).script, [rule])
    )
]
"""Rules whose own example can be changed by what the source alone shows."""


def test_a_safe_edit_is_written_and_comments_and_layout_stay(lint, project, sick):
    folder = project(**{"train.py": sick})
    done = lint("--fix", "train.py")
    assert done.returncode == 0
    assert done.stdout == "Nothing suspected in 1 script; read, not run.\n"
    assert done.stderr.startswith("train.py:4: changed: OUT101: Use activation='sigmoid'")
    assert (folder / "train.py").read_text() == sick.replace("softmax", "sigmoid")
    assert lint("--fix", "train.py").stderr == ""


def test_other_edits_wait_for_the_word(lint, project, rated):
    folder = project(**{"train.py": rated})
    done = lint("--fix", "train.py")
    assert done.returncode == 1
    assert "Can be changed: 1 with --fix --unsafe-fixes" in done.stdout
    assert (folder / "train.py").read_text() == rated
    assert lint("--fix", "--unsafe-fixes", "train.py").returncode == 0
    assert (folder / "train.py").read_text() == rated.replace("0.5", "0.001")


def test_the_word_alone_is_wrong_use(lint, project, rated):
    project(**{"train.py": rated})
    done = lint("--unsafe-fixes", "train.py")
    assert done.returncode == 2
    assert "--fix or --diff" in done.stderr


def test_a_diff_is_shown_and_nothing_is_written(lint, project, sick):
    folder = project(**{"train.py": sick})
    for options in (["--diff"], ["--fix", "--diff"]):
        done = lint(*options, "train.py")
        assert done.returncode == 1
        assert "would be changed: OUT101" in done.stderr
        assert done.stdout.startswith("--- train.py\n+++ train.py\n@@ -1,6 +1,6 @@\n")
        assert "-    keras.layers.Dense(1, activation='softmax'),  # one unit\n" in done.stdout
        assert "+    keras.layers.Dense(1, activation='sigmoid'),  # one unit\n" in done.stdout
        assert (folder / "train.py").read_text() == sick
    assert lint("--diff", "--select", "OPT", "train.py").stdout == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the program patch")
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_diff_can_be_applied(lint, project, sick, end):
    folder = project(**{"train.py": sick.replace("\n", "\r\n").rstrip() + end})
    lines = list(
        difference(
            Document.read(folder / "train.py"),
            fix(Document.read(folder / "train.py"), rules(), unsafe=True).document,
        )
    )
    subprocess.run(
        ["patch", "--binary", str(folder / "train.py")],
        input="".join(lines).encode(),
        check=True,
        capture_output=True,
    )
    assert check(Document.read(folder / "train.py").script) == []
    assert b"sigmoid'),  # one unit\r\n" in (folder / "train.py").read_bytes()


@pytest.mark.parametrize("rule", WITH_EDITS, ids=lambda rule: rule.cause)
def test_after_its_edits_a_finding_is_gone(rule):
    before = Document("a.py", rule.sick)
    fixed = fix(before, [rule], unsafe=True)
    assert fixed.done
    assert [reason for _, reason in fixed.left] == []
    rest = check(fixed.document.script, [rule])
    assert [one for one in rest if chosen(one, unsafe=True)] == []
    assert rule.code in {found.code for found, _ in fixed.done}


def test_many_rules_have_an_example_that_can_be_changed():
    assert len(WITH_EDITS) >= 10


def test_safe_edits_are_few_and_only_those_are_applied_without_the_word():
    safe = set()
    for rule in rules():
        fixed = fix(Document("a.py", rule.sick), [rule], unsafe=False)
        assert all(treatment.safe for _, treatment in fixed.done)
        if fixed.done:
            safe.add(rule.code)
    assert {"OUT101", "OUT104"} <= safe
    assert len(safe) < len(WITH_EDITS)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "def head(n):\n"
            "    return keras.layers.Dense(n, activation='softmax')\n"
            "for n in (1, 5):\n"
            "    model = keras.Sequential([keras.layers.LSTM(4), head(n)])\n"
            "    model.compile('adam', 'binary_crossentropy')\n",
            "the same line makes another head",
        ),
        (
            "model = keras.Sequential([keras.layers.LSTM(4)])\n"
            "model.add(keras.layers.Dense(1, activation='softmax'))\n"
            "model.compile('adam', 'mse')\n",
            "the loss does not say what the number is",
        ),
        (
            "model = keras.Sequential([keras.layers.LSTM(4)])\n"
            "if yes():\n"
            "    model.add(keras.layers.Dense(1, activation='softmax'))\n"
            "model.compile('adam', 'binary_crossentropy')\n",
            "a condition decides",
        ),
        (
            "loss = keras.losses.CategoricalCrossentropy(from_logits=True)\n"
            "a = keras.Sequential([keras.layers.LSTM(4)])\n"
            "a.add(keras.layers.Dense(3, activation='softmax'))\n"
            "a.compile('adam', loss)\n"
            "b = keras.Sequential([keras.layers.LSTM(4), keras.layers.Dense(3)])\n"
            "b.compile('adam', loss)\n",
            "another model has the same loss",
        ),
    ],
    ids=lambda one: one if " " in one and "\n" not in one else "",
)
def test_an_edit_that_reaches_further_is_not_safe(source, why):
    document = Document("a.py", f"import keras\n{source}")
    found = check(document.script)
    assert found, why
    assert not any(chosen(one, unsafe=False) for one in found), why


def test_edits_of_one_line_are_applied_one_after_another():
    source = (
        "import keras\n"
        "m = keras.Sequential([keras.layers.LSTM(4), keras.layers.LSTM(4),"
        " keras.layers.Dense(1, activation='softmax')])\n"
        "m.compile(keras.optimizers.Adam(0.5), 'binary_crossentropy')\n"
    )
    fixed = fix(Document("a.py", source), rules(), unsafe=True)
    assert {"OUT101", "OUT106", "OPT101"} <= {found.code for found, _ in fixed.done}
    assert fixed.left == ()
    assert check(fixed.document.script) == []
    assert fixed.document.text == (
        "import keras\n"
        "m = keras.Sequential([keras.layers.LSTM(4, return_sequences=True), keras.layers.LSTM(4),"
        " keras.layers.Dense(1, activation='sigmoid')])\n"
        "m.compile(keras.optimizers.Adam(0.001), 'binary_crossentropy')\n"
    )


def test_the_same_fault_in_many_places_is_changed_everywhere(sick):
    twice = sick + sick.split("\n", 1)[1] * 3
    fixed = fix(Document("a.py", twice), rules(), unsafe=False)
    assert len(fixed.done) == 4
    assert fixed.document.text == twice.replace("softmax", "sigmoid")


def test_an_edit_that_does_not_help_is_left_with_a_reason(monkeypatch, sick):
    from unstuck.record import Edit, Treatment

    rule = next(one for one in rules() if one.code == "OUT101")
    real = type(rule).suspect
    offered = Treatment("useless", "Do nothing.", (Edit(1, "import keras", "import  keras"),))
    stale = Treatment("stale", "Do something.", (Edit(1, "import numpy", "x"),))
    broken = Treatment("broken", "Do harm.", (Edit(1, "import keras", "import ("),))
    for treatment, reason in (
        (offered, "does not remove it"),
        (stale, "has changed"),
        (broken, "Expected Python 3"),
    ):

        def suspect(self, script, treatment=treatment):
            import dataclasses

            for found in real(self, script):
                yield dataclasses.replace(found, treatments=(treatment,))

        monkeypatch.setattr(type(rule), "suspect", suspect)
        fixed = fix(Document("a.py", sick), [rule], unsafe=True)
        assert fixed.done == ()
        ((finding, why),) = fixed.left
        assert (finding.code, finding.location.line) == ("OUT101", 4)
        assert reason in why
        assert fixed.document.text == sick


def test_what_is_left_is_told(lint_here, project, monkeypatch, sick):
    import unstuck.lint.fixing as fixing

    monkeypatch.setattr(fixing, "_count", lambda found, said: 1)
    folder = project(**{"train.py": sick})
    done = lint_here("--fix", "train.py")
    assert done.returncode == 1
    assert "train.py:4: left: OUT101: The edit alone does not remove it" in done.stderr
    assert (folder / "train.py").read_text() == sick


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xef\xbb\xbf",
        b"#!/usr/bin/env python\r\n# -*- coding: latin-1 -*-\r\nname = 'Gr\xf6\xdfe'\r\n",
        "# Größe\r\nname = '𝄞'\r\n".encode(),
    ],
)
def test_bytes_that_nothing_changes_stay(lint_here, project, sick, before):
    content = before + sick.replace("\n", "\r\n").rstrip().encode()
    folder = project(**{"train.py": content})
    assert lint_here("--fix", "train.py").returncode == 0
    assert (folder / "train.py").read_bytes() == content.replace(b"softmax", b"sigmoid")


def test_tabs_stay(lint_here, project, sick):
    folder = project(**{"train.py": sick.replace("    ", "\t")})
    assert lint_here("--fix", "train.py").returncode == 0
    expected = sick.replace("    ", "\t").replace("softmax", "sigmoid")
    assert (folder / "train.py").read_text() == expected


def test_permissions_and_links_stay(lint, project, sick):
    folder = project(**{"code/real.py": sick})
    (folder / "code" / "real.py").chmod(0o750)
    (folder / "link.py").symlink_to("code/real.py")
    assert lint("--fix", "link.py").returncode == 0
    assert (folder / "link.py").is_symlink()
    assert "sigmoid" in (folder / "code" / "real.py").read_text()
    assert stat.S_IMODE((folder / "code" / "real.py").stat().st_mode) == 0o750
    assert sorted(path.name for path in folder.rglob("*")) == ["code", "link.py", "real.py"]


def test_a_file_that_cannot_be_written_stays_whole(lint_here, project, monkeypatch, sick):
    folder = project(**{"train.py": sick, "other.py": sick})
    import os

    real = os.replace

    def replace(source, target):
        if str(target).endswith("train.py"):
            raise PermissionError(13, "Permission denied")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    done = lint_here("--fix", ".")
    assert done.returncode == 2
    assert "Expected to write train.py" in done.stderr
    assert "train.py:4:5: error: OUT101" in done.stdout
    assert (folder / "train.py").read_text() == sick
    assert "sigmoid" in (folder / "other.py").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["other.py", "train.py"]


def notebook(*sources, indent=1) -> str:
    cells: list[dict] = [{"cell_type": "markdown", "metadata": {}, "source": ["# Größe\n", "x"]}]
    cells += [
        {
            "cell_type": "code",
            "execution_count": 3,
            "metadata": {"tags": ["ä"]},
            "outputs": [{"data": {"image/png": "iVBOR\n"}, "output_type": "display_data"}],
            "source": source,
        }
        for source in sources
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("indent", [1, 4, None])
@pytest.mark.parametrize("as_lines", [True, False])
def test_in_a_notebook_only_the_changed_line_changes(lint_here, project, sick, indent, as_lines):
    first, rest = sick.split("\n", 1)
    sources = [f"%matplotlib inline\n!ls\n{first}\nname = 'Größe'", rest]
    given = [part.splitlines(keepends=True) for part in sources] if as_lines else sources
    content = notebook(*given, indent=indent)
    folder = project(**{"train.ipynb": content})
    shown = lint_here("--diff", "train.ipynb")
    assert shown.stdout.startswith("--- train.ipynb:cell 2\n+++ train.ipynb:cell 2\n")
    assert "!ls" not in shown.stdout
    done = lint_here("--fix", "train.ipynb")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("train.ipynb:cell 2:3: changed: OUT101")
    assert (folder / "train.ipynb").read_bytes() == content.replace("softmax", "sigmoid").encode()


def test_a_change_may_reach_over_two_cells(project):
    cells = [
        "import keras\nmodel = keras.Sequential([keras.layers.LSTM(4)])\n"
        "model.add(keras.layers.Dense(1, activation='softmax'))",
        "%%time\nmodel.compile('adam', 'categorical_crossentropy')\n",
    ]
    folder = project(**{"train.ipynb": notebook(*cells)})
    fixed = fix(Document.read(folder / "train.ipynb"), rules(), unsafe=True)
    assert fixed.document.text == notebook(
        cells[0].replace("softmax", "sigmoid"), cells[1].replace("categorical", "binary")
    )


def test_the_findings_of_other_formats_are_those_that_remain(lint_here, project, sick):
    project(**{"train.py": sick})
    assert json.loads(lint_here("--fix", "--format", "json", "train.py").stdout)["findings"] == []
