"""Runs one trial in a process of its own, and keeps what it leaves: the same for every engine."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from unstuck.trials.engine import Command
from unstuck.trials.stand import Stand
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.workplace import Workplace

INTERACTIVE = "import builtins; builtins.display = lambda *things, **options: print(*things)\n"
"""What IPython gives to every cell and a cell may rely on."""
WATCHED = "import runpy; runpy.run_module('unstuck.trials.seeded', {}, '__main__', True)"
ALONE = "import runpy, sys; sys.argv.pop(0); runpy.run_path(sys.argv[0], {}, '__main__')"
GUARDED = """\
exec 3<&0 </dev/null
( ( read -r _ <&3; kill -s KILL 0 ) & )
exec "$@" 3<&-
"""
"""A shell's words that become a run, and end it with all that it started when who asked for it is
gone: then the pipe that they are given as standard input ends. What waits for that is started by a
shell that ends at once, so that the script finds no child that it has not made."""
TAIL = 4000
"""Characters of a run's output that are kept: its last screen."""


class Runner:
    """Runs what it is given, in any number of threads, until it is stopped.

    Args:
        workplace: Where everything is run.
        command: The command line.
    """

    def __init__(self, workplace: Workplace, command: Command) -> None:
        self._workplace = workplace
        self._command = command
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def trial(self, trial: Trial, limit: float) -> Ran:
        """Runs a trial.

        Args:
            trial: What to run.
            limit: Seconds after which it is stopped.

        Raises:
            InterruptedError: If all runs were stopped meanwhile.
        """
        text = trial.text.encode(self._command.encoding)
        with self._workplace.stand(text, trial.modules) as stand:
            run = self._watched if trial.watched else self._alone
            return run(trial, stand, limit)

    def _alone(self, trial: Trial, stand: Stand, limit: float) -> Ran:
        """Runs it as its user does, without unstuck."""
        start = ["-c", INTERACTIVE + ALONE] if stand.notebook else []
        return self._ended([*start, *stand.program, *self._command.arguments], stand, limit)

    def _watched(self, trial: Trial, stand: Stand, limit: float) -> Ran:
        with tempfile.TemporaryDirectory(dir=self._workplace.scratch) as kept:
            recording = Path(kept, "recording")
            rows = "some" if trial.hold_out else "all"
            # What is looked into and judged by itself is the run that the user knows.
            end = "own" if trial.xray else "early"
            module = ["-m", "unstuck.trials.seeded"]
            words = ["-c", INTERACTIVE + WATCHED] if stand.notebook else module
            words += [str(trial.seed), rows, end, "run", "--quiet"]
            words += ["--fail-on", "never", "--xray", "auto" if trial.xray else "off"]
            words += ["--twin"] if trial.xray else ["--budget", "0"]
            words += ["--record", str(recording), *stand.program, *self._command.arguments]
            ran = self._ended(words, stand, limit)
            # That of a run which was stopped lacks what is measured at the end.
            whole = ran.code is not None and recording.is_file()
            return dataclasses.replace(ran, recording=recording.read_bytes() if whole else b"")

    def stop(self) -> None:
        """Ends what is running; threads that were about to start something do not."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def _ended(self, words: list[str], stand: Stand, limit: float) -> Ran:
        start = time.monotonic()
        with tempfile.TemporaryFile() as output:
            process = self._started(words, stand, output.fileno())
            try:
                code: int | None = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _kill(process)
                with self._lock:
                    self._running.discard(process)
            seconds = time.monotonic() - start
            ran = Ran(code, seconds, _tail(output.fileno()), origins=stand.origins)
            return dataclasses.replace(ran, output=ran.original(ran.output))

    def _started(self, words: list[str], stand: Stand, output: int) -> subprocess.Popen[bytes]:
        # A window that waits for a click would hold a trial up for ever.
        environment = {"MPLBACKEND": "Agg", **os.environ, **stand.environment}
        with self._lock:
            if self._stopped:
                raise InterruptedError
            process = subprocess.Popen(
                ["sh", "-c", GUARDED, "sh", sys.executable, *words],
                cwd=stand.cwd,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
        return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a run with everything that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _tail(file: int) -> str:
    size = os.fstat(file).st_size
    start = max(0, size - 4 * TAIL)
    text = os.pread(file, size - start, start).decode("utf-8", "replace")
    return text[-TAIL:]
