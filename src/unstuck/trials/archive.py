"""Folders in one piece, for the way to another machine."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path


def pack(folder: Path) -> bytes:
    """Returns what is below a folder, as a tar archive; files of data seldom get smaller."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(folder, ".")
    return file.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Puts back below a folder what was packed; nothing reaches out of it."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        # Python 3.11.0 to 3.11.3 have no filters yet, and what is packed is our own.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(folder)
