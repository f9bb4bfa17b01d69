"""``unstuck fix --engine``: where the trials of a script are run."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unstuck.trials.engine import Command, Engine
    from unstuck.trials.workplace import Workplace

VALUED = ("--jobs", "--engine", "--address")
LOCAL, RAY = "local", "ray"
MOST_JOBS = 8
"""Each job takes the memory of a training."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Takes which engine runs how many trials."""
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="trials at a time (default: one a core; with --engine ray, one a CPU of the cluster)",
    )
    parser.add_argument(
        "--engine",
        choices=(LOCAL, RAY),
        default=LOCAL,
        help="run trials on this machine (the default) or on a Ray cluster",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="of the Ray cluster (default: RAY_ADDRESS, or the one of this machine)",
    )


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuses what does not go together."""
    if arguments.address is not None and arguments.engine != RAY:
        parser.error("expected --engine ray beside --address")
    if arguments.in_place and arguments.engine == RAY:
        parser.error("expected --engine local beside --in-place: the folder is on this machine")


@contextlib.contextmanager
def opened(arguments: argparse.Namespace, place: Workplace, command: Command) -> Iterator[Engine]:
    """Gives what runs trials."""
    if arguments.engine == LOCAL:
        from unstuck.trials.engines.local import Local

        yield Local(place, command, arguments.jobs or min(MOST_JOBS, os.cpu_count() or 1))
        return
    from unstuck.trials.engines.connection import connected

    with (
        # Ray tells of machines that are gone where the diff goes, and can't be told not to.
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        connected(arguments.address),
    ):
        from unstuck.trials.engines.ray import Ray

        yield Ray(place, command, arguments.jobs)
