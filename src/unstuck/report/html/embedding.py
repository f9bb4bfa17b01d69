"""Data for a page's script, inside of the page."""

from __future__ import annotations

import json
from typing import Any


def embedded(value: Any) -> str:
    """Returns JSON that a script element can hold: no character of it can end the element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
