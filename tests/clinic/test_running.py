"""Results are kept, used again while they hold, and made anew when they do not."""

from __future__ import annotations

import json
import signal
from types import SimpleNamespace

import pytest
from clinic.running import Bench, keys
from clinic.truths import load

from clinic import running
from unstuck.observe.recording import Recording

TRUTH = {
    "causes": ["lr_too_low"],
    "accept": [],
    "verdict": "stuck",
    "verdicts_also_ok": [],
    "lines": [],
    "backends": ["jax"],
}


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "cases" / "one"
    folder.mkdir(parents=True)
    (folder / "truth.json").write_text(json.dumps(TRUTH))
    (folder / "make_data.py").write_text("open('data.txt', 'w').write('1')")
    (folder / "train.py").write_text("print(open('data.txt').read())")
    return load(folder)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A bench whose tool answers at once; ``calls`` holds the commands."""
    real, calls = running.subprocess.run, []

    def run(command, cwd=None, **options):
        if "unstuck" not in command:
            return real(command, cwd=cwd, **options)
        calls.append(command)
        work = cwd or tmp_path
        (work / command[command.index("--json") + 1]).write_text('{"verdict": "stuck"}')
        if "--record" in command:
            Recording(work / "recording.db").close()
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(running.subprocess, "run", run)
    monkeypatch.setattr(running, "source_keys", lambda: ("measuring", "judging"))
    made = Bench(tmp_path / "results")
    made.calls = calls
    return made


def test_a_result_is_kept_and_found_again(case, bench):
    assert bench.kept(case, "jax") is None
    first = bench.run(case, "jax")
    again = bench.kept(case, "jax")
    assert first.document == {"verdict": "stuck"}
    assert again == first
    assert again.recording.exists()
    assert bench.kept(case, "tensorflow") is None
    assert len(bench.calls) == 1


def test_a_changed_script_is_run_again(case, bench):
    bench.run(case, "jax")
    (case.folder / "train.py").write_text("print(2)")
    assert bench.kept(case, "jax") is None


def test_changed_measuring_is_run_again_and_changed_rules_are_not(case, bench, monkeypatch):
    bench.run(case, "jax")
    monkeypatch.setattr(running, "source_keys", lambda: ("measuring", "new rules"))
    assert bench.kept(case, "jax") is not None
    assert "report" in bench.calls[-1]
    assert bench.kept(case, "jax") is not None
    assert len(bench.calls) == 2, "what was judged again is kept as well"
    monkeypatch.setattr(running, "source_keys", lambda: ("new measuring", "new rules"))
    assert bench.kept(case, "jax") is None


def test_a_run_that_somebody_stopped_is_not_kept(case, bench, monkeypatch):
    answer = (-signal.SIGTERM, "exit -15: no output", 1.0)
    monkeypatch.setattr(bench, "_watch", lambda *given: answer)
    assert bench.run(case, "jax").failure
    assert bench.kept(case, "jax") is None


def test_a_failure_of_the_tool_is_kept(case, bench, monkeypatch):
    monkeypatch.setattr(bench, "_watch", lambda *given: (2, "exit 2: no output", 1.0))
    bench.run(case, "jax")
    assert bench.kept(case, "jax").failure == "exit 2: no output"


def test_the_truth_and_the_recipe_of_the_data_stay_behind(case, bench):
    seen = []
    real = bench._watch

    def watch(case, backend, work):
        answer = real(case, backend, work)
        seen.extend(path.name for path in work.iterdir())
        return answer

    bench._watch = watch
    bench.run(case, "jax")
    assert sorted(seen) == ["data.txt", "out.json", "recording.db", "train.py"]


def test_the_keys_tell_the_backends_apart(case):
    assert keys(case, "jax")["measured"] != keys(case, "torch")["measured"]
    assert keys(case, "jax")["judged"] == keys(case, "torch")["judged"]
