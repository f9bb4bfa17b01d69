"""A specification in one file: arrays and JSON, nothing that is executed when it is opened."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import is_nest
from unstuck.errors import UsageError
from unstuck.trials.specified.rows import Rows
from unstuck.trials.specified.specification import Fit, Specification, Unit

Array = npt.NDArray[Any]

FORMAT = 1
"""Number of this layout."""
DESCRIPTION = "specification"
"""Name of the entry that holds the JSON, as bytes."""


def save(spec: Specification, path: str | Path) -> None:
    """Writes a specification to a ``.npz`` file."""
    arrays: dict[str, Any] = {}
    described = {
        "format": FORMAT,
        "architecture": spec.architecture,
        "compiled": spec.compiled,
        "fit": dataclasses.asdict(spec.fit),
        "own": spec.own,
        "seed": spec.seed,
        "unit": dataclasses.asdict(spec.unit) if spec.unit else None,
        "weights": {name: _kept(value, arrays) for name, value in spec.weights.items()},
        "data": _rows(spec.data, arrays),
        "held": _rows(spec.held, arrays) if spec.held else None,
    }
    arrays[DESCRIPTION] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    Path(path).write_bytes(written.getvalue())


def load(path: str | Path) -> Specification:
    """Opens a file that ``save`` has written.

    Raises:
        UsageError: If it is something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            told = json.loads(file[DESCRIPTION].tobytes())
            if told["format"] != FORMAT:
                raise ValueError(f"format {told['format']}")
            return _read(told, {name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"Expected a specification that unstuck has saved. Received: {path} ({error})."
        ) from error


def _read(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> Specification:
    return Specification(
        told["architecture"],
        {name: arrays[key] for name, key in told["weights"].items()},
        told["compiled"],
        _fit(told["fit"]),
        _rows_from(told["data"], arrays),
        _rows_from(told["held"], arrays) if told["held"] else None,
        told["own"],
        told["seed"],
        Unit(tuple(told["unit"]["mean"]), tuple(told["unit"]["spread"])) if told["unit"] else None,
    )


def _fit(told: Mapping[str, Any]) -> Fit:
    weights = told["class_weight"]
    known = {**told, "callbacks": tuple((name, given) for name, given in told["callbacks"])}
    known["class_weight"] = {int(k): v for k, v in weights.items()} if weights else None
    return Fit(**known)


def _kept(value: Array, arrays: dict[str, Array]) -> str:
    name = f"array_{len(arrays)}"
    arrays[name] = value
    return name


def _rows(rows: Rows, arrays: dict[str, Array]) -> list[Any]:
    return [_packed(part, arrays) for part in (rows.x, rows.y, rows.sample_weight)]


def _packed(nest: Any, arrays: dict[str, Array]) -> Any:
    """Returns a nest with the names of arrays in their places."""
    if nest is None:
        return None
    if isinstance(nest, Mapping):
        return {"dict": {key: _packed(item, arrays) for key, item in nest.items()}}
    if is_nest(nest):
        return {"list": [_packed(item, arrays) for item in nest]}
    return _kept(nest, arrays)


def _rows_from(told: list[Any], arrays: Mapping[str, Array]) -> Rows:
    return Rows(*(_unpacked(part, arrays) for part in told))


def _unpacked(told: Any, arrays: Mapping[str, Array]) -> Any:
    if told is None:
        return None
    if isinstance(told, str):
        return arrays[told]
    if "dict" in told:
        return {key: _unpacked(item, arrays) for key, item in told["dict"].items()}
    return [_unpacked(item, arrays) for item in told["list"]]
