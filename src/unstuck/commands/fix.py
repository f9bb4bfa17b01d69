"""``unstuck fix SCRIPT``: find the smallest change that makes a script train, and prove it."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from unstuck.commands import fix_engine, fix_model
from unstuck.commands.command import FINDINGS, SUCCESS, Command, say
from unstuck.commands.outputs import writable
from unstuck.commands.run import split
from unstuck.errors import UsageError

if TYPE_CHECKING:
    from unstuck.lint.document import Document
    from unstuck.record import Diagnosis
    from unstuck.trials.cure import Cure
    from unstuck.trials.engine import Engine
    from unstuck.trials.patch import Patch
    from unstuck.trials.version import Version
    from unstuck.trials.workplace import Workplace

_VALUED = (
    *("--output", "--budget", "--seeds", "--json", "--journal"),
    *("--epochs", "--batch-size", "-m"),
    *fix_engine.VALUED,
)
"""Options before SCRIPT that take the next argument."""
_UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


class Fix(Command):
    """Tries changes of a script in paired runs, and hands out what is proven to help."""

    name: ClassVar[str] = "fix"
    summary: ClassVar[str] = "Find the smallest change that makes a script train, and prove it."
    usage: ClassVar[str | None] = (
        "[options] SCRIPT [ARGS ...]\n       unstuck fix [options] -m MODULE [ARGS ...]"
    )

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes what to do with the changed script, how much to try, and the script."""
        add = parser.add_argument
        add("--diff", action="store_true", help="print the change as a diff (the default)")
        add("--output", metavar="FILE", help="write the changed script to a file")
        add("--apply", action="store_true", help="change the script; a copy stays as SCRIPT.orig")
        add("--json", metavar="FILE", help="write diagnosis and trials as JSON")
        add(
            "--budget",
            type=seconds,
            metavar="TIME",
            help="start no trial after this time, for example 90s or 10min "
            "(default: 15 runs of the script, 45 with --search, at least 2min)",
        )
        add("--seeds", type=int, default=3, metavar="N", help="pairs of a proof (default: 3)")
        fix_engine.configure(parser)
        add("--journal", metavar="FILE", help="keep results, and go on from those in it")
        add(
            "--in-place",
            action="store_true",
            help="run trials in the working folder itself instead of in copies of it: "
            "they overwrite what the script writes",
        )
        add(
            "--search",
            action="store_true",
            help="where no change makes it train, search over sizes and rates (needs Optuna)",
        )
        fix_model.configure(parser)
        add("-m", dest="module", metavar="MODULE", help="cure a module that is run as python -m")
        add(
            "script",
            nargs="?",
            metavar="SCRIPT",
            help="the script or notebook to cure; or MODEL.keras DATA.npz",
        )

    def parse(self, parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
        """Reads our options only; what follows the script belongs to the script."""
        ours, rest = split(argv, _VALUED)
        arguments = parser.parse_args(ours)
        if arguments.module is None:
            if not rest:
                parser.error("expected a SCRIPT or -m MODULE to fix")
            if rest[0].endswith(fix_model.SUFFIX):
                return fix_model.parse(parser, [*ours, *rest])
            arguments.script, *rest = rest
        if arguments.seeds < 1 or (arguments.jobs or 1) < 1:
            parser.error("expected at least 1 for --seeds and --jobs")
        if arguments.epochs is not None or arguments.batch_size is not None:
            parser.error("expected --epochs and --batch-size beside a saved model only")
        fix_engine.check(parser, arguments)
        arguments.arguments = rest
        return arguments

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs the trials; 0 if the script trains now or did so before, 1 if it does not."""
        if arguments.module is None and arguments.script.endswith(fix_model.SUFFIX):
            return fix_model.run(arguments)
        from unstuck.lint.document import Document
        from unstuck.trials.notebook import code
        from unstuck.trials.patch import Patch
        from unstuck.trials.searching.study import require

        arguments.script = _script(arguments)
        before = Document.read(arguments.script)
        output = writable(arguments.output, "--output")
        report = writable(arguments.json, "--json")
        _check(output, before.path)
        text = code(before)
        if arguments.search:
            require()
        # Trials are processes of their own: whoever ends us ends them by what Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with _trials(arguments, before.encoding) as (engine, place, context):
            cure = _cure(arguments, text, (engine, place), context)
            handed = cure.sold and cure.alone is not None and cure.alone.ended_well
            patch = _patch(before, cure.version, place) if handed else Patch(before, text)
        _tell(cure, before)
        if report:
            _write_json(report, cure, patch)
        if handed:
            _hand_out(patch, arguments, output)
        return SUCCESS if cure.needless or (handed and cure.cured) else FINDINGS


def seconds(text: str) -> float:
    """Reads a time: "90", "90s", "2min", "1h".

    Raises:
        argparse.ArgumentTypeError: If it is something else.
    """
    read = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]*)", text.strip())
    if read is None or read[2] not in _UNITS:
        raise argparse.ArgumentTypeError(f"expected a time such as 90s or 2min, received {text!r}")
    return float(read[1]) * _UNITS[read[2]]


def _script(arguments: argparse.Namespace) -> str:
    """Returns the file to change, named as from the working folder if it lies below that."""
    if arguments.module is not None:
        from unstuck.trials.importing import located

        return _called(str(located(arguments.module)))
    name: str = arguments.script
    if not name.endswith((".py", ".ipynb")):
        raise UsageError(
            f"Expected a Python script to fix, a .py file, or a notebook. Received: {name}."
        )
    return name


def _check(output: Path | None, script: str) -> None:
    if output == Path(os.path.realpath(script)):
        raise UsageError("Expected another file than the script for --output. See --apply.")
    if output is not None and script.endswith(".ipynb") and output.suffix != ".ipynb":
        raise UsageError(f"Expected a notebook for --output, FILE.ipynb. Received: {output}.")


@contextlib.contextmanager
def _trials(
    arguments: argparse.Namespace, encoding: str
) -> Iterator[tuple[Engine, Workplace, str]]:
    """Gives what runs trials, where, and what results depend on; cleans up behind it."""
    from unstuck.trials.engine import Command as Line
    from unstuck.trials.scratch import scratch
    from unstuck.trials.workplace import Workplace

    with scratch() as folder:
        kept = arguments.journal
        ours = (arguments.json, kept, kept and f"{kept}-journal")
        apart = [name for name in ours if name]
        script, module = Path(arguments.script), arguments.module
        place = Workplace(script, folder, arguments.in_place, apart, module)
        context = [place.fingerprint, os.path.abspath(script), module, arguments.arguments]
        told = json.dumps([*context, sys.executable, os.environ.get("KERAS_BACKEND")])
        line = Line(tuple(arguments.arguments), encoding)
        with fix_engine.opened(arguments, place, line) as engine:
            yield engine, place, told


def _cure(
    arguments: argparse.Namespace, text: str, where: tuple[Engine, Workplace], context: str
) -> Cure:
    from unstuck.trials.cure import cure
    from unstuck.trials.journal import Journal
    from unstuck.trials.lab import Lab
    from unstuck.trials.workplace import named

    with contextlib.closing(Journal(arguments.journal)) as journal:
        engine, place = where
        lab = Lab(engine, journal, context, _progress)
        path = named(Path(arguments.script), Path.cwd())
        seeds, budget = arguments.seeds, arguments.budget
        return cure(lab, text, path, seeds, budget, arguments.search, place.module)


def _patch(before: Document, version: Version, place: Workplace) -> Patch:
    """Returns what becomes of the user's files, which are named as from the working folder."""
    from unstuck.trials.patch import Patch

    modules = []
    for file, text in version.modules:
        module = place.module(file)
        if module is not None:
            modules.append(Patch(dataclasses.replace(module, path=_called(file)), text))
    return Patch(before, version.text, tuple(modules))


def _called(file: str) -> str:
    return os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else file


def _progress(line: str) -> None:
    print(f"unstuck: {line}", file=sys.stderr, flush=True)


def _tell(cure: Cure, read: Document) -> None:
    from unstuck.report.cured import lines
    from unstuck.report.terminal import writable as shown

    before = _seen(cure.before, read) if cure.before else None
    for line in lines(dataclasses.replace(cure, before=before)):
        print(shown(line, sys.stderr.encoding), file=sys.stderr)


def _hand_out(patch: Patch, arguments: argparse.Namespace, output: Path | None) -> None:
    # Where the change is in a module, there is nothing to write, and the diff is all there is.
    if arguments.diff or arguments.apply or output is None or patch.others:
        say(patch.diff().removesuffix("\n"))
    if output is not None:
        patch.write(output)
        print(f"unstuck: wrote {arguments.output}", file=sys.stderr)
    if arguments.apply:
        for file, backup in patch.apply().items():
            print(f"unstuck: changed {file}; as it was: {backup}", file=sys.stderr)


def _seen(found: Diagnosis, read: Document) -> Diagnosis:
    """Returns a diagnosis with the places that the user knows: in a notebook, of its cells."""
    from unstuck.trials.notebook import in_cells
    from unstuck.trials.workplace import named

    return in_cells(found, read, named(Path(read.path), Path.cwd()))


def _write_json(path: Path, cure: Cure, patch: Patch) -> None:
    from unstuck.report import json as document
    from unstuck.trials.told import diagnosis

    told = diagnosis(cure, patch.diff())
    if told is not None:
        document.write(_seen(told, patch.before), path)
