"""The JSON document of a diagnosis, and the schema that it keeps to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from unstuck.record import Diagnosis

SCHEMA = Path(__file__).with_name("schema.json")
"""JSON Schema (draft 2020-12) of the document, shipped with the package."""


def write(diagnosis: Diagnosis, path: str | Path) -> None:
    """Writes the document to a file, in UTF-8.

    Raises:
        OSError: If the file cannot be written.
    """
    Path(path).write_text(text(diagnosis), encoding="utf-8")


def text(diagnosis: Diagnosis) -> str:
    """Returns the document as JSON text; what is not finite has become null."""
    return json.dumps(diagnosis.to_json(), indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """Returns the schema of the document as a plain dict."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded
