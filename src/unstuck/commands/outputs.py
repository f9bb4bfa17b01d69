"""Where a diagnosis goes: the terminal, a JSON document, a page; and the exit code it gives."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from unstuck.commands.command import FINDINGS, SUCCESS, tolerant
from unstuck.errors import UsageError
from unstuck.record import SEVERITIES, Diagnosis

NEVER = "never"


@dataclasses.dataclass(frozen=True)
class Outputs:
    """What the options of the command line ask for."""

    json: Path | None
    html: Path | None
    fail_on: str
    quiet: bool

    @staticmethod
    def configure(parser: argparse.ArgumentParser) -> None:
        """Adds the options that every command with a diagnosis has."""
        parser.add_argument("--json", metavar="FILE", help="write the diagnosis as JSON")
        parser.add_argument("--html", metavar="FILE", help="write the diagnosis as one web page")
        parser.add_argument(
            "--fail-on",
            choices=(*SEVERITIES, NEVER),
            default="error",
            help="exit with 1 if a finding is this severe or worse (default: error)",
        )
        parser.add_argument("--quiet", action="store_true", help="print no report")

    @classmethod
    def chosen(cls, arguments: argparse.Namespace) -> Outputs:
        """Reads the options.

        Raises:
            UsageError: If a file could not be written later.
        """
        return cls(
            json=writable(arguments.json, "--json"),
            html=writable(arguments.html, "--html"),
            fail_on=arguments.fail_on,
            quiet=arguments.quiet,
        )

    def publish(self, diagnosis: Diagnosis, stream: TextIO | None = None) -> None:
        """Prints the report on ``stream`` (standard output if None), then writes the files."""
        if not self.quiet:
            from unstuck.report import terminal

            with tolerant(stream or sys.stdout) as out:
                terminal.show(diagnosis, out)
        if self.json:
            from unstuck.report import json

            _replace(self.json, lambda path: json.write(diagnosis, path))
        if self.html:
            from unstuck.report import html

            _replace(self.html, lambda path: html.write(diagnosis, path))

    def code(self, diagnosis: Diagnosis) -> int:
        """Returns the exit code: findings at or above ``--fail-on`` make it 1."""
        if self.fail_on == NEVER:
            return SUCCESS
        grave = SEVERITIES[: SEVERITIES.index(self.fail_on) + 1]
        findings = [*diagnosis.findings, *(one for fit in diagnosis.fits for one in fit.findings)]
        return FINDINGS if any(one.severity in grave for one in findings) else SUCCESS


def writable(name: str | None, option: str) -> Path | None:
    """Returns the absolute path of a file that is to be written after the script.

    It is tried before the script runs: hours of training must not end in a typing error.

    Raises:
        UsageError: If it can't be written.
    """
    if name is None:
        return None
    path = Path(os.path.realpath(name))
    if path.is_dir():
        raise UsageError(f"Expected a file for {option}, received the folder {name}.")
    if not path.parent.is_dir():
        raise UsageError(
            f"Expected {option} to name a file in a folder that exists, received {name}. "
            f"Create it first: mkdir -p {path.parent}"
        )
    try:
        if _special(path):
            if not os.access(path, os.W_OK):
                raise PermissionError("no permission")
        else:
            _beside(path).touch(exist_ok=False)
            _beside(path).unlink()
    except OSError as error:
        raise UsageError(
            f"Expected a file for {option} that can be written, received {name}: {error}."
        ) from error
    return path


def _special(path: Path) -> bool:
    """Whether it is a device or a pipe, which must stay what it is."""
    return path.exists() and not path.is_file()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Writes beside the file and renames: a reader sees the old file or the whole new one."""
    if _special(path):
        write(path)
        return
    beside = _beside(path)
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"Expected to write {path}, received: {error}.") from error
    finally:
        beside.unlink(missing_ok=True)
