"""Source files on disk: read as Python reads them, written back whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import tokenize
from pathlib import Path

from unstuck.errors import UsageError

LARGEST_FILE = 100_000_000
"""Bytes. Notebooks hold pictures and may be long; what is longer than this is data."""


def read(path: str | Path) -> tuple[str, str]:
    """Returns the text of a script or notebook, its line ends as they are, and its encoding.

    The encoding of a script is what its first lines declare, as for Python itself; that of
    a notebook is UTF-8. Where the text starts with a byte order mark, it is "utf-8-sig".

    Raises:
        UsageError: If the file can't be read, is too large, or isn't text.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UsageError(
                f"Expected a script or notebook. Received: {path} with "
                f"{path.stat().st_size / 1e6:,.0f} MB. Leave files of data out."
            )
        source = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        if path.suffix == ".ipynb" and encoding != "utf-8-sig":
            encoding = "utf-8"
        return source.decode(encoding), encoding
    except OSError as error:
        raise UsageError(
            f"Expected a script or notebook that can be read. Received: {path} "
            f"({error.strerror or error}). Check the path."
        ) from error
    except (UnicodeDecodeError, SyntaxError) as error:
        raise UsageError(
            f"Expected Python source as UTF-8 text. Received: {path} ({error}). "
            "Save the file as UTF-8, or pass the script itself."
        ) from error


def write(path: str | Path, text: str, encoding: str) -> None:
    """Replaces the contents of a file in one step; permissions and links to it stay.

    Raises:
        UsageError: If it can't be written.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with beside.open("xb") as file:
                file.write(text.encode(encoding))
            beside.chmod(mode)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, UnicodeEncodeError) as error:
        raise UsageError(
            f"Expected to write {path}. Received: {error}. Nothing was changed in it."
        ) from error
