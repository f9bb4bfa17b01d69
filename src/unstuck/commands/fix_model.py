"""``unstuck fix MODEL.keras DATA.npz``: the same trials for a saved model and its data."""

from __future__ import annotations

import argparse
import sys
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.commands import fix_engine
from unstuck.commands.command import FINDINGS, SUCCESS, say
from unstuck.commands.outputs import writable
from unstuck.errors import UsageError

if TYPE_CHECKING:
    from unstuck.trials.specified.fixing import Fixing

SUFFIX = ".keras"
EPOCHS = 20
"""Trained for where the command line says nothing: a saved model does not tell how long it was."""
NEEDED, OPTIONAL = ("x", "y"), ("x_val", "y_val", "sample_weight")
"""Arrays of the data."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Takes how a saved model is trained."""
    told = f"for MODEL.keras: epochs of a training (default: {EPOCHS})"
    parser.add_argument("--epochs", type=int, metavar="N", help=told)
    parser.add_argument("--batch-size", type=int, metavar="N", help="likewise samples a step")


def parse(parser: argparse.ArgumentParser, argv: list[str]) -> argparse.Namespace:
    """Reads a command line with a model; options may stand anywhere."""
    arguments, rest = parser.parse_known_args(argv)
    if len(rest) != 1 or not rest[0].endswith(".npz"):
        parser.error(f"expected MODEL{SUFFIX} and DATA.npz, received {' '.join(argv)}")
    fix_engine.check(parser, arguments)
    if arguments.engine != fix_engine.LOCAL:
        parser.error("expected a script for --engine ray: trials of a model share one process")
    if arguments.apply or arguments.diff:
        parser.error("expected --output FIXED.keras for a model, it has no source to change")
    numbers = (arguments.seeds, arguments.epochs, arguments.batch_size)
    if any(number is not None and number < 1 for number in numbers):
        parser.error("expected at least 1 for --seeds, --epochs and --batch-size")
    arguments.data = rest[0]
    arguments.arguments = []
    return arguments


def run(arguments: argparse.Namespace) -> int:
    """Runs the trials; 0 if the model trains now or did so before, 1 if it does not."""
    output = writable(arguments.output, "--output")
    report = writable(arguments.json, "--json")
    if output is not None and output.suffix != SUFFIX:
        raise UsageError(f"Expected a file that ends in {SUFFIX} for --output. Received: {output}.")
    if output is not None and output.resolve() == Path(arguments.script).resolve():
        raise UsageError("Expected another file than the model itself for --output.")
    data = _data(arguments.data)
    found = _fixing(arguments, _model(arguments.script), data)
    _tell(found)
    if report is not None:
        from unstuck.report import json as document
        from unstuck.trials.specified.told import diagnosis

        document.write(diagnosis(found), report)
    if output is not None and found.sold:
        found.model.save(output)
        print(f"unstuck: wrote {arguments.output}", file=sys.stderr)
    return SUCCESS if found.needless or found.cured else FINDINGS


def _fixing(arguments: argparse.Namespace, model: Any, data: dict[str, Any]) -> Fixing:
    from unstuck.trials.specified.fixing import apart
    from unstuck.trials.specified.specification import Specification

    given = {"epochs": arguments.epochs or EPOCHS, "batch_size": arguments.batch_size}
    if "x_val" in data and "y_val" in data:
        given["validation_data"] = (data["x_val"], data["y_val"])
    if "sample_weight" in data:
        given["sample_weight"] = data["sample_weight"]
    spec = Specification.of(model, data["x"], data["y"], **given)
    return apart(spec, arguments.seeds, arguments.budget, _progress)


def _model(path: str) -> Any:
    """Opens a model without running code that it may hold."""
    import keras

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the state of its optimizer is not used
            return keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # Keras raises whatever a damaged or foreign file leads to
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"Expected a model that Keras opens without running code in it. Received: {path} "
            f"({reason}). A model with classes of its own is fixed from Python: unstuck.fix(...)."
        ) from error


def _data(path: str) -> dict[str, Any]:
    import numpy as np

    known = {*NEEDED, *OPTIONAL}
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files if name in known}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"Expected arrays as numpy.savez writes them. Received: {path} ({error})."
        ) from error
    if not all(name in data for name in NEEDED):
        raise UsageError(
            f"Expected arrays named {' and '.join(NEEDED)} in {path}, and optionally "
            f"{', '.join(OPTIONAL)}. Received: {', '.join(sorted(data)) or 'none of them'}."
        )
    return data


def _progress(line: str) -> None:
    print(f"unstuck: {line}", file=sys.stderr, flush=True)


def _tell(found: Fixing) -> None:
    from unstuck.report.fixed import lines
    from unstuck.report.terminal import writable as shown

    for line in lines(found):
        say(shown(line, sys.stdout.encoding))
