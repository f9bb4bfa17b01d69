"""How many scripts that need no fix get one: the clinic's healthy cases, and those without signal.

Usage: python benchmarks/sold.py [--budget 2min] [--sample 3] [--seed 0] [--backend jax]

Each case's script is given to ``unstuck fix`` in a folder that knows nothing of the clinic. Sold
is a change that is handed out as a diff; there must be none, and the exit code says so. The sample
is drawn from both kinds in turn; 0 takes every case, some hours of work.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from clinic.running import DATA, environment
from clinic.truths import Case, all_cases

NO_SIGNAL = "no_signal_in_data"
LINE = "{:<10}{:<28}{:>7.0f} s  {}"


def sampled(count: int, seed: int, backend: str) -> list[Case]:
    """Returns cases of both kinds in turn, drawn by chance; all of them for 0."""
    cases = [case for case in all_cases() if backend in case.backends]
    healthy = [case for case in cases if case.healthy]
    silent = [case for case in cases if case.causes[:1] == (NO_SIGNAL,)]
    draw = random.Random(seed)
    kinds = [draw.sample(kind, len(kind)) for kind in (silent, healthy)]
    drawn = [case for pair in itertools.zip_longest(*kinds) for case in pair if case is not None]
    return drawn[:count] if count else drawn


def fixed(case: Case, backend: str, budget: str, work: Path) -> tuple[bool | None, str]:
    """Lets ``unstuck fix`` have a case; returns whether a change was sold, and what was said.

    None where there was no answer within the budget.
    """
    env = environment(backend)
    (work / "train.py").write_text(case.text)
    shutil.copy(case.folder / "make_data.py", work / "make_data.py")
    made = {**env, "CLINIC_DATA": str(DATA)}
    subprocess.run([sys.executable, "make_data.py"], cwd=work, env=made, check=True)
    (work / "make_data.py").unlink()
    command = [sys.executable, "-m", "unstuck", "fix", "--json", "fix.json", "--budget", budget]
    ended = subprocess.run(
        [*command, "train.py"], cwd=work, env=env, capture_output=True, text=True
    )
    try:
        found = json.loads((work / "fix.json").read_text())
    except (OSError, ValueError):
        return None, (ended.stderr.strip().splitlines() or ["no answer"])[-1]
    names = ", ".join(change["id"] for change in found["fix"]["changes"])
    said = f"{found['verdict']}, {found['fix']['runs']} runs" + (f", {names}" if names else "")
    return bool(found["fix"]["diff"]), said


def outcomes(cases: list[Case], backend: str, budget: str) -> Iterator[bool | None]:
    """Yields whether a change was sold for each case, and prints a line about it."""
    for case in cases:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            sold, said = fixed(case, backend, budget, Path(folder))
        kind = "healthy" if case.healthy else "no signal"
        word = {True: "SOLD: ", False: "", None: "no answer: "}[sold]
        print(LINE.format(kind, case.id, time.monotonic() - begun, word + said), flush=True)
        yield sold


def main() -> None:
    """Prints a line a case, then how many of them were sold a change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="2min")
    parser.add_argument("--sample", type=int, default=3, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backend", choices=["jax", "tensorflow", "torch"], default="jax")
    arguments = parser.parse_args()
    cases = sampled(arguments.sample, arguments.seed, arguments.backend)
    found = list(outcomes(cases, arguments.backend, arguments.budget))
    answered = [sold for sold in found if sold is not None]
    print(f"sold {sum(answered)} of {len(answered)}, no answer {len(found) - len(answered)}")
    sys.exit(1 if any(answered) else 0)


if __name__ == "__main__":
    main()
