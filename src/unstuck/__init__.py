"""Find out why a Keras LSTM is not training, prove it, and fix it.

Names are imported on first use, so that ``import unstuck`` costs nothing and
never pulls in Keras before the script that is watched has chosen its backend.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unstuck.api import Monitor as Monitor
    from unstuck.api import load as load
    from unstuck.api import xray as xray
    from unstuck.api.fixing import Fixed as Fixed
    from unstuck.api.fixing import fix as fix
    from unstuck.report.shown import Diagnosis as Diagnosis

__version__ = "0.1.0"

_HOME = {
    "Fixed": "unstuck.api.fixing",
    "Monitor": "unstuck.api",
    "Diagnosis": "unstuck.report.shown",
    "fix": "unstuck.api.fixing",
    "load": "unstuck.api",
    "xray": "unstuck.api",
}
__all__ = ["Diagnosis", "Fixed", "Monitor", "__version__", "fix", "load", "xray"]


def __getattr__(name: str) -> object:
    """Imports a public name from the module that defines it."""
    if name not in _HOME:
        raise AttributeError(
            f"module 'unstuck' has no attribute {name!r}; it offers {', '.join(sorted(_HOME))}"
        )
    return getattr(importlib.import_module(_HOME[name]), name)
