"""Runs the suite on every Keras backend and ends with one line for all of them.

Everything runs once on JAX, which starts fastest; tests marked ``backends`` run again on the
others. Arguments are passed on to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "test"

SELECTIONS = {"jax": [], "tensorflow": ["-m", "backends"], "torch": ["-m", "backends"]}

MOST_WORKERS = 4
"""Each worker holds a backend of its own in memory: about 1 GB with TensorFlow."""

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # the workers share the cores already
    "TF_CPP_MIN_LOG_LEVEL": "2",  # warnings about this machine's CPU are not about the tests
}


class Tally(NamedTuple):
    passed: int
    failed: int
    skipped: int

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_tally(results: Path) -> Tally:
    """Counts the outcomes in a JUnit file; an error in a fixture counts as failed."""
    if not results.exists():
        return Tally(0, 1, 0)
    suites = list(ElementTree.parse(results).iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    return Tally(total - failures - errors - skipped, failures + errors, skipped)


def run(backend: str, arguments: list[str]) -> Tally:
    """Runs pytest on one backend; a run that ends badly for no test's fault counts as one."""
    results = RESULTS / f"{backend}.xml"
    results.unlink(missing_ok=True)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    print(f"== KERAS_BACKEND={backend}", flush=True)
    options = ["-q", f"--numprocesses={workers}", "--dist=loadscope", f"--junit-xml={results}"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *SELECTIONS[backend], *arguments],
        cwd=ROOT,
        env=ENVIRONMENT | os.environ | {"KERAS_BACKEND": backend},
        check=False,
    )
    tally = read_tally(results)
    return tally._replace(failed=tally.failed or 1) if ended.returncode else tally


def main(arguments: list[str]) -> int:
    tallies = {backend: run(backend, arguments) for backend in SELECTIONS}
    print()
    for backend, tally in tallies.items():
        print(f"{backend}: {tally}")
    total = Tally(*map(sum, zip(*tallies.values(), strict=True)))
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
