"""How a report words numbers, names and certainty, in every view alike."""

from __future__ import annotations

import math
import re
import unicodedata

from unstuck.record import Level, Location, Quantity, Verdict

VERDICT_WORDS: dict[Verdict, str] = {
    "healthy": "Healthy",
    "stuck": "Stuck",
    "diverged": "Diverged",
    "overfit": "Overfit",
    "misleading": "Misleading",
    "no_signal": "No signal",
    "undetermined": "Undetermined",
}

LEVEL_WORDS: dict[Level, str] = {
    "suspected": "Suspected: read in the source, not measured",
    "observed": "Observed: measured in this run",
    "proven": "Proven: a controlled trial shows it",
    "cured": "Cured: the change was run, and the model trained",
}

CLIP = 2000
"""Characters of one text of the user's that a report repeats: a page of prose."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that reorder the text around them, so that source reads as what it is not."""

_SMALL = 1e-3
"""Below this magnitude a number is written with an exponent: its zeros are hard to count."""
_LARGE = 1e6
"""From this magnitude a number is written with an exponent, for the same reason."""


def visible(text: str, clip: int = CLIP) -> str:
    """Returns one line in which nothing acts on a terminal, a page or the reading order.

    Line ends become spaces, tabs four spaces; control characters, lone surrogates
    and marks of reading direction are spelled out as escapes. What is longer than
    ``clip`` characters is cut.
    """
    flat = re.sub(r"\r\n|[\r\n\u2028\u2029]", " ", text).replace("\t", "    ")
    if len(flat) > clip:
        flat = flat[:clip] + "…"
    if flat.isprintable():
        return flat
    return "".join(_spelled(sign) for sign in flat)


def _spelled(sign: str) -> str:
    if sign in _BIDI or unicodedata.category(sign) in ("Cc", "Cs"):
        return f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}"
    return sign


def number(value: object) -> str:
    """Writes a number with four significant digits; what is not finite is named."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _decimal(value)
    return visible(str(value))


def _decimal(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    size = abs(value)
    if size != 0 and not _SMALL <= size < _LARGE:
        digits, exponent = f"{value:.2e}".split("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"
    if value == int(value):
        return f"{int(value):,}"
    written = f"{value:,.{max(0, 3 - math.floor(math.log10(size)))}f}"
    # Zeros at the end go only where nothing was rounded: 0.99999 is not 1.
    exact = "." in written and float(written.replace(",", "")) == value
    return written.rstrip("0").rstrip(".") if exact else written


def quantity(measured: Quantity) -> str:
    """Writes a number with its unit; "1" is no unit to a reader."""
    written = number(measured.value)
    unit = visible(measured.unit)
    if measured.value is None or unit in ("", "1"):
        return written
    return f"{written} {unit}"


def words(name: str) -> str:
    """Turns ``a_name`` into words."""
    return visible(name).replace("_", " ")


def share(value: float) -> str:
    """Writes a share between 0 and 1 in per cent."""
    return f"{round(100 * value)} %" if math.isfinite(value) else "unknown"


def place(location: Location) -> str:
    """Says in words where something sits; empty where nothing is known."""
    parts = [
        source_line(location),
        f"layer {visible(location.layer)}" if location.layer else "",
        f"{visible(location.gate)} gate" if location.gate else "",
        f"time step {location.timestep}" if location.timestep is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def source_line(location: Location) -> str:
    """Returns ``file:line``, as much of it as is known."""
    if location.file is None:
        return f"line {location.line}" if location.line is not None else ""
    name = visible(location.file)
    return name if location.line is None else f"{name}:{location.line}"
