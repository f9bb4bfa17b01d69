"""Run the tool on a case, and keep what it measured and said, so that no work is done twice.

A result is kept in ``results/<backend>/<case>``: the recording, the tool's document, and two keys.
The first key covers what a measurement depends on, the second also the rules. Where only the
second has changed, the recording is judged again without training.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from clinic.truths import CLINIC, Case

SOURCES = CLINIC.parent / "src"
RESULTS = CLINIC / "results"
DATA = CLINIC / "data"
JUDGING = ("findings", "lint", "report", "trials")
"""Parts of the package that see a recording only after the training is over."""
REJUDGING_SECONDS = 120.0
"""Reading a recording takes a second or two; this is for a machine that is busy."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What the tool said of a case: its document, or why there is none."""

    document: dict[str, Any] | None = None
    failure: str | None = None
    seconds: float = 0.0
    recording: Path | None = None


def environment(backend: str) -> dict[str, str]:
    """The environment of a case's processes, with the tool importable and one core for each."""
    path = os.pathsep.join(p for p in (str(SOURCES), os.environ.get("PYTHONPATH", "")) if p)
    given = {"KERAS_BACKEND": backend, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {"OMP_NUM_THREADS": "1", **os.environ, **given}


def digest(files: Iterable[Path], *words: str) -> str:
    """A hash of the contents and names of files, and of some words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:20]


@cache
def source_keys() -> tuple[str, str]:
    """Hashes of what measures, and of the whole package."""
    package = SOURCES / "unstuck"
    files = [path for path in package.rglob("*") if path.suffix in {".py", ".json"}]
    measuring = [path for path in files if path.relative_to(package).parts[0] not in JUDGING]
    return digest(measuring, metadata.version("keras")), digest(files)


def keys(case: Case, backend: str) -> dict[str, str]:
    """What a kept result of the case must bear to be used again."""
    measuring, judging = source_keys()
    own = digest([case.folder / "make_data.py"], backend, case.text)
    return {"measured": f"{own}-{measuring}", "judged": judging}


STOPPED = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Exit codes of a process that somebody stopped: no answer of the tool's, and not kept."""


class Bench:
    """Runs cases and keeps their results in a folder."""

    def __init__(self, results: Path = RESULTS, timeout: float = 300.0) -> None:
        self.results = results
        self.timeout = timeout

    def kept(self, case: Case, backend: str) -> Result | None:
        """What is known of a case, judged again if the rules have changed; None if nothing is."""
        folder = self.results / backend / case.id
        try:
            note = json.loads((folder / "note.json").read_text())
        except (OSError, ValueError):
            return None
        wanted = keys(case, backend)
        if note["measured"] != wanted["measured"]:
            return None
        if note["judged"] != wanted["judged"]:
            # A run without an answer was cut short: what it left behind is no run of the script.
            if note["failure"] or not self._judge_again(folder):
                return None
            self._note(folder, {**note, **wanted})
        return self._result(folder)

    def run(self, case: Case, backend: str) -> Result:
        """Lets the tool watch a case's script, and keeps what comes of it."""
        folder = self.results / backend / case.id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as temporary:
            work = Path(temporary) / "work"
            work.mkdir()
            code, failure, seconds = self._watch(case, backend, work)
            for name in ("out.json", "recording.db"):
                if (work / name).exists():
                    shutil.copy(work / name, folder / name)
            if code in STOPPED:
                return Result(failure="stopped from outside", seconds=seconds)
        note = {**keys(case, backend), "failure": failure, "seconds": round(seconds, 1)}
        self._note(folder, note)
        return self._result(folder)

    def _watch(self, case: Case, backend: str, work: Path) -> tuple[int, str | None, float]:
        """Runs the script in a folder that knows nothing of the clinic; the truth stays behind."""
        env = environment(backend)
        own_data = {
            **env,
            "CLINIC_DATA": str(DATA),
        }  # for those who make a case, not for its script
        (work / "train.py").write_text(case.text)
        shutil.copy(case.folder / "make_data.py", work / "make_data.py")
        subprocess.run([sys.executable, "make_data.py"], cwd=work, env=own_data, check=True)
        (work / "make_data.py").unlink()
        command = [sys.executable, "-m", "unstuck", "run", "--fail-on", "never"]
        command += ["--json", "out.json", "--record", "recording.db", "train.py"]
        started = time.monotonic()
        try:
            done = subprocess.run(
                command, cwd=work, env=env, capture_output=True, text=True, timeout=self.timeout
            )
        except subprocess.TimeoutExpired:
            return 0, f"no answer in {self.timeout:.0f} s", self.timeout
        seconds = time.monotonic() - started
        if (work / "out.json").exists():
            return done.returncode, None, seconds
        tail = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
        return done.returncode, f"exit {done.returncode}: {tail[0]}", seconds

    def _judge_again(self, folder: Path) -> bool:
        """Makes the document anew from the recording; False where there is none to judge."""
        recording = folder / "recording.db"
        if not recording.exists():
            return False
        command = [sys.executable, "-m", "unstuck", "report", "--fail-on", "never", "--quiet"]
        command += ["--json", str(folder / "out.json"), str(recording)]
        done = subprocess.run(
            command, env=environment("jax"), capture_output=True, timeout=REJUDGING_SECONDS
        )
        return done.returncode == 0

    def _note(self, folder: Path, note: dict[str, Any]) -> None:
        """Writes the keys last and in one go: a result without them counts as not there."""
        unfinished = folder / "note.json.new"
        unfinished.write_text(json.dumps(note, indent=1))
        unfinished.replace(folder / "note.json")

    def _result(self, folder: Path) -> Result:
        note = json.loads((folder / "note.json").read_text())
        out, recording = folder / "out.json", folder / "recording.db"
        return Result(
            document=json.loads(out.read_text()) if out.exists() else None,
            failure=note.get("failure"),
            seconds=note.get("seconds", 0.0),
            recording=recording if recording.exists() else None,
        )
