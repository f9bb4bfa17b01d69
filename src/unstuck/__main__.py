"""Lets ``python -m unstuck`` do what the console script ``unstuck`` does."""

from __future__ import annotations

import sys

from unstuck.commands import main

if __name__ == "__main__":
    sys.exit(main())
