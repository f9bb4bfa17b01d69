from __future__ import annotations

import dataclasses
import io
import re

import pytest

from unstuck.report import terminal
from unstuck.report.html import page

SAMPLES = ["stuck", "healthy", "diverged", "no_fits", "hostile", "large"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_verdict_comes_first_then_the_cause_then_the_change(samples):
    text = terminal.as_text(samples.stuck())
    parts = [
        "STUCK  train.py",
        "What is wrong",
        "softmax to a single unit",
        "train.py:10, layer dense",
        '  >   10 │ model.add(keras.layers.Dense(1, activation="softmax"))',
        "What to change",
        '      10 - model.add(keras.layers.Dense(1, activation="softmax"))',
        '      10 + model.add(keras.layers.Dense(1, activation="sigmoid"))',
        "How we know",
        "standard deviation of the outputs  0",
        "Also found",
        "  warning MSK101  train.py:8",
        "  warning OPT104  train.py:13",
        "Fit",
        "sequential train.py:17 · stuck · 785 steps · loss 8.015 → 8.015",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_running_text_stays_inside_the_width(samples, name, width):
    text = terminal.as_text(getattr(samples, name)(), width=width)
    for line in text.splitlines():
        assert line == line.rstrip()
    summary = text.splitlines()[1]
    assert len(summary) <= width


def test_only_source_is_wider_than_a_narrow_terminal(samples):
    lines = terminal.as_text(samples.stuck(), width=60).splitlines()
    assert all(len(line) <= 60 or "model.add(" in line for line in lines)
    assert all(len(line) <= 96 for line in terminal.as_text(samples.stuck(), 200).splitlines())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_pipe_gets_no_escape_sequence(samples, name, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    stream = io.StringIO()
    terminal.show(getattr(samples, name)(), stream, width=80)
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue() == terminal.as_text(getattr(samples, name)())


def test_a_terminal_gets_colour_and_the_same_words(samples, monkeypatch):
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    terminal.show(samples.stuck(), stream, width=80)
    coloured = stream.getvalue()
    assert coloured.startswith("\x1b[1;31mSTUCK\x1b[0m")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal.as_text(samples.stuck())


def test_strings_of_the_user_are_neither_markup_nor_escapes(samples, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    terminal.show(samples.hostile(), stream, width=120)
    assert "[bold]" in stream.getvalue()
    assert "\\x1b[31m" in stream.getvalue()
    assert "\u202e" not in stream.getvalue()
    # Every escape sequence left is one that the report itself wrote around its own words.
    assert re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) == terminal.as_text(
        samples.hostile(), width=120
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_old_terminal_gets_signs_that_it_knows(samples, encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    terminal.show(samples.stuck(), stream, width=80)
    stream.flush()
    text = raw.getvalue().decode(encoding)
    assert ("→" in text) == (encoding == "utf-8")
    assert ("8.015 -> 8.015" in text) == (encoding != "utf-8")


def test_a_healthy_run_does_not_ask_for_changes(samples):
    text = terminal.as_text(samples.healthy())
    assert text.startswith("HEALTHY")
    assert "What is wrong" not in text
    assert "Worth knowing" in text
    assert "(best constant" in re.sub(r"\s+", " ", text)


def test_no_fits_is_said(samples):
    assert "No call of fit was watched." in terminal.as_text(samples.no_fits())


def test_what_ended_a_fit_and_what_is_not_finite_are_said(samples):
    text = re.sub(r"\s+", " ", terminal.as_text(samples.diverged()))
    assert "loss 1.21 → NaN" in text
    assert "skill unknown" in text
    assert "ended early: KeyboardInterrupt" in text
    assert "largest cell state infinity" in text
    assert "loss, without NaN, NaN, NaN" in text


def test_open_questions_end_in_experiments(samples):
    diagnosis = samples.healthy()
    fit = dataclasses.replace(diagnosis.fits[0], experiments=("Try this.", "Then <b>that</b>."))
    asked = dataclasses.replace(diagnosis, fits=(fit,))
    text = terminal.as_text(asked)
    assert "What would decide it" in text
    assert text.index("1. Try this.") < text.index("2. Then <b>that</b>.")
    assert "What would decide it" not in terminal.as_text(diagnosis)
    assert "<li>Then &lt;b&gt;that&lt;/b&gt;.</li>" in page.render(asked)


def test_what_is_no_fault_is_said_below_the_fit(samples):
    diagnosis = samples.healthy()
    fit = dataclasses.replace(diagnosis.fits[0], remarks=("It only <i>looks</i> bad.",))
    told = dataclasses.replace(diagnosis, fits=(fit,))
    assert "It only <i>looks</i> bad." in terminal.as_text(told)
    assert "<p>It only &lt;i&gt;looks&lt;/i&gt; bad.</p>" in page.render(told)
