"""What has been tried already, in one SQLite file, so that an interrupted search goes on."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from unstuck.errors import UsageError
from unstuck.trials.trial import Ran

APPLICATION_ID = 0x756E666A
"""The letters "unfj", by which our files are told from others."""


class Journal:
    """Results by the key of their trial; nothing in it is ever executed.

    Args:
        path: A new or an earlier journal; None keeps it in memory.

    Raises:
        UsageError: If the file is something else, or can't be written.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        try:
            self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables and application != APPLICATION_ID:
                raise UsageError(_foreign(path))
            self._connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS trials "
                "(key TEXT PRIMARY KEY, ran TEXT NOT NULL, recording BLOB NOT NULL)"
            )
        except sqlite3.Error as error:
            raise UsageError(f"{_foreign(path)} ({error})") from error

    def find(self, key: str) -> Ran | None:
        """Returns what came of a trial, None if it has not been run to its end."""
        row = self._connection.execute(
            "SELECT ran, recording FROM trials WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        code, seconds, output, origins = json.loads(row[0])
        return Ran(code, seconds, output, row[1], tuple((one, other) for one, other in origins))

    def keep(self, key: str, ran: Ran) -> None:
        """Notes what came of a trial; it is on the disk when this returns."""
        told = [ran.code, ran.seconds, ran.output, ran.origins]
        self._connection.execute(
            "INSERT OR REPLACE INTO trials VALUES (?, ?, ?)",
            (key, json.dumps(told), ran.recording),
        )

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _foreign(path: str | Path | None) -> str:
    return (
        f"Expected a new file or an earlier journal for --journal, received {path}, which is "
        "something else or can't be written. Choose another name."
    )
