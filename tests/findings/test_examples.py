"""The examples of the rules themselves, run and watched on a real backend."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from unstuck.findings.ranking import LAW
from unstuck.findings.registry import rules

RUNNER = """
import json, sys
from pathlib import Path
from unstuck.commands.script import File
from unstuck.commands.watched import WatchedRun
from unstuck.findings.diagnose import diagnose

answers = {}
rehearsed, *names = sys.argv[1:]
for name in names:
    budget = 60 if name[:6] in rehearsed else 0
    run = WatchedRun(File(name, []), Path(name + ".recording"), budget=budget)
    run.run()
    run.finish()
    answers[name] = [(f.code, f.severity) for f in diagnose(run.path).findings]
print(json.dumps(answers))
"""
"""One process for all of them: starting a backend takes longer than training these."""

TRAINED = [
    rule
    for rule in rules()
    if ".fit(" in rule.sick and (keras.backend.backend() == "jax" or rule.weight >= LAW)
]
"""All of them on JAX. Elsewhere those that rest on a law of data or contract, which backends treat
differently; the others judge measurements, whose tests run everywhere."""
FOUND_AMONG_OTHERS = {"ARC102", "OPT108", "OPT109", "OUT109", "SEQ104", "SEQ108"}
"""Rules whose finding need not be the first error: a metric that misleads, a random walk that has
nothing better to offer, forecasts that are good for one step, noise that costs a run that learned
only its last part, and a size that only says why a network overfits, are warnings."""
REHEARSED = {"ARC105", "DAT110", "OPT107", "OPT108", "OPT109", "STA102"}
"""Rules that rest on trainings of copies; the others are asked without, as those take their time.
"""
FREE = {"OUT101", "OUT104"}
"""Rules whose example is not trained: the source is enough."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    folder: Path = tmp_path_factory.mktemp("examples")
    for rule in TRAINED:
        (folder / f"{rule.code}_sick.py").write_text(rule.sick)
        (folder / f"{rule.code}_healthy.py").write_text(rule.healthy)
    names = sorted(path.name for path in folder.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, ",".join(REHEARSED), *names],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, list[tuple[str, str]]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_every_rule_brings_an_example_that_trains():
    assert {rule.code for rule in rules() if ".fit(" not in rule.sick} == FREE


@pytest.mark.slow
@pytest.mark.backends
@pytest.mark.parametrize("rule", TRAINED, ids=lambda rule: rule.cause)
def test_the_sick_example_is_found_and_the_healthy_one_is_not(answers, rule):
    sick = [tuple(found) for found in answers[f"{rule.code}_sick.py"]]
    healthy = [tuple(found) for found in answers[f"{rule.code}_healthy.py"]]
    assert rule.code in [code for code, _ in sick]
    if rule.code not in FOUND_AMONG_OTHERS:
        assert sick[0] == (rule.code, "error")
    family = rule.code[:3]
    assert not [code for code, _ in healthy if code.startswith(family)]
    # A contract shows within two epochs, and such a run has rightly made too few updates.
    assert "error" not in [severity for code, severity in healthy if code != "OPT103"]
