"""Runs trials on the machines of a Ray cluster.

A task of the cluster does what ``Local`` does in a thread: it runs the trial as a process in a
fresh copy of the user's folder, which travels to each machine once. Whether a task that was lost is
sent again is decided here and not by Ray: what a script did is a result, what a machine did is not.
"""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import ray
from ray import exceptions

from unstuck.errors import UnstuckError
from unstuck.trials.engine import Command
from unstuck.trials.engines import surroundings
from unstuck.trials.engines.runner import Runner
from unstuck.trials.scratch import scratch
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.workplace import Workplace

LOST = (
    exceptions.WorkerCrashedError,
    exceptions.NodeDiedError,
    exceptions.LocalRayletDiedError,
    exceptions.ObjectLostError,
)
"""What becomes of a task, or of its result, whose machine is gone."""
MOST_LOST = 10
"""Times that one trial is sent again. Machines that are taken away one after another do not reach
it; a trial that itself brings down whatever machine it runs on does."""
LEAVE = 10.0
"""Seconds in which a cancelled task ends its process and clears up; after these it is killed."""
KILLED = -9
"""Exit code of what the system kills when memory runs out."""


class Ray:
    """Runs trials on the cluster that this process is connected to, one CPU each.

    Args:
        workplace: What is copied for each trial.
        command: The command line.
        jobs: How many are sent at a time; None for all, of which Ray runs as many as it has CPUs.
    """

    def __init__(self, workplace: Workplace, command: Command, jobs: int | None = None) -> None:
        self.jobs = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._most = jobs
        # By the object store each of the machines gets it once, however many trials it runs.
        self._packed = ray.put(workplace.packed())
        self._same = (workplace, command, surroundings.environment(), surroundings.versions())
        self._task: Any = ray.remote(_run).options(
            num_cpus=1, max_retries=0, scheduling_strategy="SPREAD", name="unstuck trial"
        )

    def map(self, trials: Sequence[Trial], limit: float) -> Iterator[tuple[Trial, Ran]]:
        """Runs trials and yields each when it has ended; see ``Engine``."""
        waiting = collections.deque(trials)
        lost: collections.Counter[Trial] = collections.Counter()
        sent: dict[ray.ObjectRef, Trial] = {}
        try:
            while waiting or sent:
                while waiting and len(sent) < (self._most or len(trials)):
                    trial = waiting.popleft()
                    sent[self._task.remote(self._packed, *self._same, trial, limit)] = trial
                (done, *_), _ = ray.wait(list(sent))
                trial = sent.pop(done)
                ran = _received(done, last=lost[trial] == MOST_LOST)
                if ran is not None:
                    yield trial, ran
                else:
                    lost[trial] += 1
                    waiting.appendleft(trial)
        except BaseException:  # Ctrl-C, or the caller wants no more
            _cancel(list(sent))
            raise


def _run(
    packed: bytes,
    workplace: Workplace,
    command: Command,
    environment: dict[str, str],
    versions: dict[str, str],
    trial: Trial,
    limit: float,
) -> Ran:
    """Runs a trial on the machine that this is called on."""
    surroundings.check(versions)
    surroundings.enter(environment)
    with scratch() as folder:
        return Runner(workplace.elsewhere(folder, packed), command).trial(trial, limit)


def _received(done: ray.ObjectRef, last: bool) -> Ran | None:
    """Returns what came of a task; None if it is to be sent again."""
    try:
        ran: Ran = ray.get(done)
        return ran
    except exceptions.OutOfMemoryError as error:
        return Ran(KILLED, 0.0, f"The machine ran out of memory: {error}")
    except LOST as error:
        # As of a run that was stopped: nothing can be said of the script.
        return Ran(None, 0.0, f"Its machine was lost each time: {error}") if last else None
    except exceptions.RayError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, UnstuckError):
            raise type(cause)(str(cause)) from error
        reason = str(error).strip().splitlines()[-1]  # the first are where it happened
        raise UnstuckError(
            "Expected every machine of the cluster to run a trial: with unstuck, Keras and what "
            f"the script imports, and with room for a copy of its folder. Received: {reason}"
        ) from error


def _cancel(tasks: list[ray.ObjectRef]) -> None:
    """Ends what was sent: nothing of it runs when this returns."""
    for force in (False, True):
        for task in tasks:
            # What has ended can't be cancelled any more.
            with contextlib.suppress(exceptions.RayError, ValueError):
                ray.cancel(task, force=force)
        _, tasks = ray.wait(tasks, num_returns=len(tasks), timeout=LEAVE) if tasks else ([], [])
