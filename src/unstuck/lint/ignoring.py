"""Comments that silence a rule: ``# unstuck: ignore[OUT101]`` on the line, or above it."""

from __future__ import annotations

import re

from unstuck.case.script import Script
from unstuck.record import Finding

_COMMENT = re.compile(r"#\s*unstuck:\s*ignore(?:\[([^\]]*)\])?", re.IGNORECASE)


class Ignored:
    """What the comments of a script ignore, by line.

    A comment names codes, beginnings of codes, names or causes of rules, separated by
    commas; without brackets it stands for all of them. It holds for its own line, and if it stands
    alone for the next line.

    Args:
        script: The script.
    """

    def __init__(self, script: Script) -> None:
        self._lines: dict[int, set[str]] = {}
        if not _COMMENT.search(script.text):
            return
        for number, line in enumerate(script.lines, 1):
            comment = _COMMENT.search(line)
            if comment is None:
                continue
            named = {part.strip().lower() for part in (comment[1] or "").split(",")} - {""}
            alone = not line[: comment.start()].strip()
            self._lines.setdefault(number + alone, set()).update(named or {"all"})

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is to be left out."""
        named = self._lines.get(finding.location.line or 0, set())
        code = finding.code.lower()
        return bool(named & {"all", finding.name, finding.cause}) or code.startswith(tuple(named))
