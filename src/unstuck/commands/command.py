"""What every command of the command line has in common."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, TextIO

from unstuck.errors import UnstuckError

SUCCESS: Final = 0
"""Nothing at or above the severity that ``--fail-on`` names."""
FINDINGS: Final = 1
"""Something was found; also the code of a script that ended in an exception."""
FAILURE: Final = 2
"""The command line was wrong, or unstuck itself failed."""
INTERRUPTED: Final = 130
"""What a shell makes of a program that was ended by Ctrl-C: 128 + SIGINT."""


class Command(ABC):
    """One command; its module in this package is imported only when it is used.

    Attributes:
        name: What is typed after ``unstuck``; also the name of the module.
        summary: One line for ``unstuck --help``.
        usage: What follows the name in the usage line; None lets argparse write it.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    usage: ClassVar[str | None] = None

    @abstractmethod
    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's options and arguments."""

    def parse(self, parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
        """Reads the arguments that follow the command's name."""
        return parser.parse_args(argv)

    @abstractmethod
    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work and returns the exit code.

        Raises:
            UnstuckError: If it can't be done as asked.
        """


def code_of_failure(error: Exception) -> int:
    """Says why a command failed, and returns the exit code for it."""
    message = str(error) if isinstance(error, UnstuckError) else _internal(error)
    print(f"unstuck: {message}", file=sys.stderr)
    return FAILURE


def _internal(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return (
        f"internal error, {type(error).__name__}: {error}{at}. "
        "This is a fault in unstuck, not in your script."
    )


@contextlib.contextmanager
def tolerant(stream: TextIO) -> Iterator[TextIO]:
    """Lets the reader of a pipe (``| head``) leave early without a traceback."""
    try:
        yield stream
        stream.flush()
    except BrokenPipeError:
        # Python flushes the stream once more when it ends; there must be somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """Prints text on standard output, also where its encoding lacks a sign."""
    encoding = sys.stdout.encoding or "utf-8"
    with tolerant(sys.stdout) as out:
        print(text.encode(encoding, "replace").decode(encoding), file=out)
