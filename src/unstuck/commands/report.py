"""``unstuck report RECORDING``: judge and show a run that was recorded earlier."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from unstuck.commands.command import Command
from unstuck.commands.outputs import Outputs


class Report(Command):
    """Makes every view of a diagnosis from a recording; needs neither Keras nor the script."""

    name: ClassVar[str] = "report"
    summary: ClassVar[str] = "Show the diagnosis of a recording that `run --record` wrote."

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes a recording and where to write the report."""
        parser.add_argument("recording", type=Path, metavar="RECORDING")
        Outputs.configure(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Diagnoses the recording and publishes the result."""
        outputs = Outputs.chosen(arguments)
        from unstuck.findings.diagnose import diagnose

        diagnosis = diagnose(arguments.recording)
        outputs.publish(diagnosis)
        return outputs.code(diagnosis)
