"""One SQLite file that holds everything measured in a run; every report is made from it.

The file is written as training goes, in write-ahead mode, so that a killed run leaves a
recording that opens. Nothing in it is ever executed: facts are JSON, series and arrays are plain
numbers.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from unstuck.case.facts import from_plain
from unstuck.errors import RecordingError
from unstuck.observe.packing import Array, packed, unpacked
from unstuck.observe.xray.facts import XRayFacts
from unstuck.record import plain

if TYPE_CHECKING:
    import numpy.typing as npt

FORMAT = 1
"""Raised whenever an older reader would misread the file; a table that it never asks for is none
of its business."""
APPLICATION_ID = 0x756E7374
"""The letters "unst", by which SQLite and `file` tell our files from others."""
ROW_CAP = 20_000
"""Rows of step measurements that are read back; longer runs are thinned evenly. A screen has
2,000 columns and the jumps that rules look for are kept by their own maxima, so ten times a
screen is plenty, and 20,000 rows x 60 numbers stay below 5 MB."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sources (path TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE facts (fit INTEGER, name TEXT, value TEXT NOT NULL, PRIMARY KEY (fit, name));
CREATE TABLE epochs (fit INTEGER, epoch INTEGER, step INTEGER, logs TEXT NOT NULL);
CREATE TABLE steps (fit INTEGER, first INTEGER, count INTEGER, width INTEGER, data BLOB NOT NULL,
                    PRIMARY KEY (fit, first));
CREATE TABLE xrays (fit INTEGER, number INTEGER, facts TEXT NOT NULL, PRIMARY KEY (fit, number));
CREATE TABLE xray_arrays (fit INTEGER, number INTEGER, site TEXT, name TEXT, type TEXT NOT NULL,
                          shape TEXT NOT NULL, data BLOB NOT NULL,
                          PRIMARY KEY (fit, number, site, name));
"""
Floats: TypeAlias = "npt.NDArray[np.float32]"
T = TypeVar("T")


class Recording:
    """A recording that is being written."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.exists() and self.path.stat().st_size:
            raise RecordingError(
                f"Expected a new file for the recording, received {self.path}, which exists. "
                "Choose another name or remove it first."
            )
        self._connection = self._open()
        self._fits = 0

    def _open(self) -> sqlite3.Connection:
        try:
            # Keras may call callbacks from another thread; they are never concurrent.
            connection = sqlite3.connect(
                self.path, check_same_thread=False, isolation_level=None, timeout=5
            )
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise RecordingError(
                f"Expected a writable file for the recording, received {self.path}: {error}. "
                "Choose a folder that you may write to."
            ) from error
        # Without an fsync a commit costs microseconds; a kill of the process loses nothing then,
        # only a crash of the whole machine may lose the last seconds.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.executescript(SCHEMA)
        return connection

    def meta(self, key: str, value: Any) -> None:
        """Notes a fact of the whole run, such as the script's path."""
        self._connection.execute(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(plain(value)))
        )

    def source(self, path: str, text: str) -> None:
        """Keeps the text of a source file, for excerpts in reports."""
        self._connection.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (path, text))

    def start_fit(self) -> int:
        """Opens the next call of fit and returns its number, counted from 0."""
        self._fits += 1
        return self._fits - 1

    def fact(self, fit: int, name: str, value: Any) -> None:
        """Notes a record (a dataclass, or what JSON can hold) of one fit under a name."""
        self._connection.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (fit, name, json.dumps(plain(value)))
        )

    def epoch(self, fit: int, epoch: int, step: int, logs: Mapping[str, float]) -> None:
        """Notes the logs of an epoch that ended after ``step`` steps."""
        self._connection.execute(
            "INSERT INTO epochs VALUES (?, ?, ?, ?)", (fit, epoch, step, json.dumps(plain(logs)))
        )

    def steps(self, fit: int, first: int, rows: Floats) -> None:
        """Appends rows of step measurements, shape (steps, width)."""
        self._connection.execute(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?)",
            (fit, first, rows.shape[0], rows.shape[1], rows.astype("<f4").tobytes()),
        )

    def xray(
        self, fit: int, facts: XRayFacts, kept: Mapping[str, Mapping[str, Array]] | None = None
    ) -> None:
        """Appends an x-ray, whole or not at all.

        Args:
            fit: Number of the fit.
            facts: What was measured.
            kept: By the name of the site, what ``xray.grids.kept`` gave for it.
        """
        (number,) = self._connection.execute(
            "SELECT count(*) FROM xrays WHERE fit = ?", (fit,)
        ).fetchone()
        rows = [
            (fit, number, site, name, *packed(array))
            for site, arrays in (kept or {}).items()
            for name, array in arrays.items()
        ]
        self._connection.execute("BEGIN")
        try:
            self._connection.execute(
                "INSERT INTO xrays VALUES (?, ?, ?)", (fit, number, json.dumps(plain(facts)))
            )
            self._connection.executemany(
                "INSERT INTO xray_arrays VALUES (?, ?, ?, ?, ?, ?, ?)", rows
            )
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Folds the write-ahead log into the one file."""
        self._connection.execute("PRAGMA journal_mode=DELETE")
        self._connection.close()


@dataclasses.dataclass(frozen=True)
class Series:
    """Rows of step measurements: ``index`` (n,) are step numbers, ``rows`` is (n, width)."""

    index: npt.NDArray[np.int64]
    rows: Floats


class RecordedFit:
    """One fit of a recording that is being read."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self._connection = connection
        self.number = number

    @property
    def backend(self) -> str | None:
        """Name of the Keras backend that trained, None where the run did not say it."""
        name = Recorded(self._connection).meta("backend")
        return None if name is None else str(name)

    def fact(self, name: str, kind: type[T]) -> T | None:
        """Returns the fact of that name, or None if the run did not get so far."""
        row = self._connection.execute(
            "SELECT value FROM facts WHERE fit = ? AND name = ?", (self.number, name)
        ).fetchone()
        return None if row is None else from_plain(kind, json.loads(row[0]))

    def epochs(self) -> list[tuple[int, int, dict[str, float]]]:
        """Returns (epoch, steps so far, logs) for every epoch that ended."""
        rows = self._connection.execute(
            "SELECT epoch, step, logs FROM epochs WHERE fit = ? ORDER BY rowid", (self.number,)
        )
        return [(epoch, step, json.loads(logs)) for epoch, step, logs in rows]

    def step_count(self) -> int:
        """Returns the number of steps that were measured."""
        row = self._connection.execute(
            "SELECT max(first + count) FROM steps WHERE fit = ?", (self.number,)
        ).fetchone()
        return int(row[0] or 0)

    def series(self) -> Series | None:
        """Returns the measured steps, thinned evenly to at most ROW_CAP rows."""
        every = max(1, -(-self.step_count() // ROW_CAP))
        index, rows = [], []
        for first, count, width, data in self._connection.execute(
            "SELECT first, count, width, data FROM steps WHERE fit = ? ORDER BY first",
            (self.number,),
        ):
            block = np.frombuffer(data, "<f4").reshape(count, width)
            numbers = np.arange(first, first + count)
            kept = numbers % every == 0
            index.append(numbers[kept])
            rows.append(block[kept])
        return Series(np.concatenate(index), np.concatenate(rows)) if rows else None

    def xrays(self) -> tuple[XRayFacts, ...]:
        """Returns the x-rays in the order in which they were taken."""
        if not self._has_xrays():
            return ()
        rows = self._connection.execute(
            "SELECT facts FROM xrays WHERE fit = ? ORDER BY number", (self.number,)
        )
        return tuple(from_plain(XRayFacts, json.loads(facts)) for (facts,) in rows)

    def xray_arrays(self, index: int, site: str) -> Mapping[str, Array]:
        """Returns what was kept of one site, named as in ``xray.grids``; empty if nothing was.

        Args:
            index: Position of the x-ray in ``xrays``.
            site: Name of the site.
        """
        if not self._has_xrays():
            return {}
        rows = self._connection.execute(
            "SELECT name, type, shape, data FROM xray_arrays "
            "WHERE fit = ? AND number = ? AND site = ?",
            (self.number, index, site),
        )
        return {name: unpacked(kind, shape, data) for name, kind, shape, data in rows}

    def _has_xrays(self) -> bool:
        """Whether the file was written by a version that knew x-rays."""
        tables = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'xrays'")
        return tables.fetchone() is not None


class Recorded:
    """A recording that is being read; it is opened read-only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def meta(self, key: str, default: Any = None) -> Any:
        """Returns a fact of the whole run."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def sources(self) -> dict[str, str]:
        """Returns the texts of the user's source files by path."""
        return dict(self._connection.execute("SELECT path, text FROM sources"))

    def fits(self) -> list[RecordedFit]:
        """Returns the calls of fit in their order."""
        rows = self._connection.execute("SELECT DISTINCT fit FROM facts ORDER BY fit")
        return [RecordedFit(self._connection, number) for (number,) in rows.fetchall()]


@contextmanager
def reading(path: str | Path) -> Iterator[Recorded]:
    """Opens a recording for reading; a run that was killed leaves one that opens as well.

    Raises:
        RecordingError: If the file is missing, foreign, damaged, or from a newer version.
    """
    path = Path(path)
    if not path.is_file():
        raise RecordingError(f"Expected a recording, received {path}, which is not a file.")
    connection = sqlite3.connect(f"file:{path.resolve().as_posix()}?mode=ro", uri=True, timeout=5)
    try:
        _verify(connection, path)
        yield Recorded(connection)
    except sqlite3.Error as error:
        raise RecordingError(
            f"Expected a readable recording, received {path}, which is damaged: {error}. "
            "Run `unstuck run --record FILE` again."
        ) from error
    finally:
        connection.close()


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise RecordingError(
            f"Expected a recording, received {path}, which is a file of another program. "
            "Recordings are written by `unstuck run --record FILE SCRIPT`."
        )
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise RecordingError(
            f"Expected a recording of format {FORMAT} or older, received format {version} in "
            f"{path}. Install a newer unstuck."
        )
    # Reading every page once tells a damaged file from a sound one before it is judged.
    (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if state != "ok":
        raise sqlite3.DatabaseError(state)
