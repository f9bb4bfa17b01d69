"""A recording keeps what it was given, survives a kill, and refuses what it isn't."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.facts import FitFacts, Place, from_plain
from unstuck.errors import RecordingError
from unstuck.observe.outcome import FailureFacts
from unstuck.observe.recording import ROW_CAP, Recording, reading
from unstuck.observe.xray.facts import (
    CheckFacts,
    FlowFacts,
    GateFacts,
    MemoryFacts,
    SiteFacts,
    SiteMeasures,
    StateFacts,
    WeightFacts,
    XRayFacts,
)

KILLED = """
import os, signal, sys
import numpy as np
from unstuck.observe.recording import Recording
from unstuck.observe.xray.facts import XRayFacts
recording = Recording(sys.argv[1])
fit = recording.start_fit()
recording.fact(fit, "hello", {"a": 1})
recording.xray(fit, XRayFacts(0, "start", 4, 0.5, ()), {"lstm": {"values": np.ones(3)}})
for first in range(0, 50, 10):
    recording.steps(fit, first, np.full((10, 3), first, np.float32))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_facts_and_series_come_back_as_they_were(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "run")
    recording.meta("script", "train.py")
    recording.source("train.py", "print('</script>')")
    fit = recording.start_fit()
    facts = FitFacts(epochs=3, class_weight={"0": 1.5}, place=Place("train.py", 7))
    recording.fact(fit, "fit", facts)
    recording.epoch(fit, 0, 5, {"loss": 0.5, "val_loss": float("nan")})
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    recording.steps(fit, 0, rows)
    recording.close()
    assert os.listdir(tmp_path) == ["run"]
    with reading(tmp_path / "run") as recorded:
        assert recorded.meta("script") == "train.py"
        assert recorded.sources() == {"train.py": "print('</script>')"}
        (read,) = recorded.fits()
        assert read.fact("fit", FitFacts) == facts
        assert read.fact("nothing", FitFacts) is None
        assert read.epochs() == [(0, 5, {"loss": 0.5, "val_loss": None})]
        series = read.series()
    assert series is not None
    np.testing.assert_array_equal(series.rows, rows)


HOSTILE = "</script>'); DROP TABLE xrays; --"


def xray(step: int) -> XRayFacts:
    place = Place("train.py", 7)
    site = SiteMeasures(
        site=SiteFacts(HOSTILE, "lstm", "LSTM", ("i", "f"), 5, 2, 3, depth=1, place=place),
        gates=(GateFacts("i", 0.1, 0.2, 0.3, 0.4, 0.5, 1e-9, stuck_steps=(2, 4)),),
        memory=MemoryFacts(None, 2.5, 3, (0, 1, 4), (1.0, 0.5, 0.0), (1.0, 0.1, 0.0), (0.0,)),
        states=StateFacts(0.0, 0.1, 2.0, 0.0, None, 1.5, 0.3),
        weights=WeightFacts({"i": 1.1}, {"i": (3.0, 2.0, 1.0)}, 1.0, None, 1.0, False, 0.0),
        flow=FlowFacts(1.0, 0.1, None, 0.2, 0.3),
    )
    checks = (CheckFacts(HOSTILE, 1e-7, None, 1e-6, 1e-6, True),)
    return XRayFacts(step, "spread", 4, 0.7, (site,), checks)


def test_xrays_come_back_as_they_were(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "run")
    first, second = recording.start_fit(), recording.start_fit()
    for fit in (first, second):
        recording.fact(fit, "hello", fit)
    draw = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    draw[0, 0, 0] = np.nan
    arrays = {"values": draw, "index": np.array([[0, 3], [4, 7]])}
    recording.xray(second, xray(0))
    recording.xray(second, xray(7), {HOSTILE: arrays, "other": {"values": draw[0]}})
    recording.close()
    with reading(tmp_path / "run") as recorded:
        none, read = recorded.fits()
        assert none.xrays() == ()
        assert read.xrays() == (xray(0), xray(7))
        assert read.xray_arrays(0, HOSTILE) == {}
        kept = read.xray_arrays(1, HOSTILE)
        assert read.xray_arrays(1, "other")["values"].shape == (4, 5)
    np.testing.assert_array_equal(kept["values"], draw)
    assert kept["index"].tolist() == [[0, 3], [4, 7]]
    assert set(kept) == set(arrays)


def test_an_xray_that_fails_halfway_leaves_none(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "run")
    fit = recording.start_fit()
    recording.fact(fit, "hello", 1)
    unwritable = {"lstm": {"values": np.array(["text"])}}
    with pytest.raises(ValueError, match="could not convert"):
        recording.xray(fit, xray(0), unwritable)
    recording.xray(fit, xray(1), {"lstm": {"values": np.zeros(3, np.float32)}})
    with pytest.raises(sqlite3.Error):
        recording.xray(fit, xray(2), {"lstm": {None: np.zeros(3), (): np.zeros(3)}})
    recording.xray(fit, xray(3))
    with reading(tmp_path / "run") as recorded:
        (read,) = recorded.fits()
        assert [facts.step for facts in read.xrays()] == [1, 3]
        assert read.xray_arrays(1, "lstm") == {}
    recording.close()


def test_a_recording_from_before_xrays_opens(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "run")
    recording.fact(recording.start_fit(), "hello", 1)
    recording.close()
    with sqlite3.connect(tmp_path / "run") as connection:
        connection.executescript("DROP TABLE xrays; DROP TABLE xray_arrays;")
    connection.close()
    with reading(tmp_path / "run") as recorded:
        (read,) = recorded.fits()
        assert read.xrays() == ()
        assert read.xray_arrays(0, "lstm") == {}


@pytest.mark.parametrize("column", ["type = '|O8'", "type = '<U1'", "shape = '[7]'"])
def test_arrays_of_another_kind_are_not_opened(tmp_path: Path, column: str) -> None:
    recording = Recording(tmp_path / "run")
    fit = recording.start_fit()
    recording.fact(fit, "hello", 1)
    recording.xray(fit, xray(0), {"lstm": {"values": np.zeros(3, np.float32)}})
    recording.close()
    with sqlite3.connect(tmp_path / "run") as connection:
        connection.execute(f"UPDATE xray_arrays SET {column}")
    connection.close()
    with reading(tmp_path / "run") as recorded, pytest.raises(RecordingError, match="Expected"):
        recorded.fits()[0].xray_arrays(0, "lstm")


def test_a_killed_run_leaves_all_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "killed"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with reading(path) as recorded:
        (fit,) = recorded.fits()
        series = fit.series()
        (seen,) = fit.xrays()
        assert seen.reason == "start"
        assert fit.xray_arrays(0, "lstm")["values"].tolist() == [1, 1, 1]
    assert series is not None
    assert series.index.tolist() == list(range(50))
    assert series.rows[-1].tolist() == [40, 40, 40]


@settings(max_examples=15, deadline=None)
@given(blocks=st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_a_long_run_is_thinned_evenly(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[int]
) -> None:
    recording = Recording(tmp_path_factory.mktemp("run") / "run")
    fit, first = recording.start_fit(), 0
    recording.fact(fit, "hello", 1)
    for count in [size * 20 for size in blocks]:
        numbers = np.arange(first, first + count, dtype=np.float32)
        recording.steps(fit, first, numbers[:, None])
        first += count
    recording.close()
    with reading(recording.path) as recorded:
        series = recorded.fits()[0].series()
    assert series is not None
    assert len(series.index) <= ROW_CAP
    assert len(set(np.diff(series.index))) <= 1
    np.testing.assert_array_equal(series.rows[:, 0], series.index)


def test_foreign_and_damaged_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    sqlite3.connect(foreign).executescript("CREATE TABLE t (a);")
    text = tmp_path / "text"
    text.write_text("not a recording " * 200)
    sound = tmp_path / "sound"
    recording = Recording(sound)
    fit = recording.start_fit()
    recording.fact(fit, "hello", "x" * 20_000)
    recording.close()
    damaged = tmp_path / "damaged"
    data = bytearray(sound.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    damaged.write_bytes(bytes(data))
    for path, reason in [
        (foreign, "another program"),
        (text, "damaged"),
        (damaged, "damaged"),
        (tmp_path / "missing", "not a file"),
    ]:
        with pytest.raises(RecordingError, match=reason), reading(path) as recorded:
            recorded.fits()


def test_a_recording_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(RecordingError, match="exists"):
        Recording(path)
    assert path.read_text() == "mine"


def test_what_another_version_measured_besides_is_passed_over():
    fact = {"kind": "ValueError", "message": "no", "since_then": [1, {"more": 2}]}
    assert from_plain(FailureFacts, fact) == FailureFacts("ValueError", "no")
