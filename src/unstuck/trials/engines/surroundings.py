"""What of this machine's environment a trial on another machine needs to have the same result."""

from __future__ import annotations

import importlib.metadata
import json
import os
from pathlib import Path

import unstuck
from unstuck.errors import UsageError

USUAL_BACKEND = "tensorflow"
"""What Keras takes if it is told nothing."""
TRAVELLING = (
    *("KERAS_", "JAX_", "XLA_", "TF_", "TORCH_", "PYTORCH_"),
    *("OMP_", "MKL_", "OPENBLAS_", "PYTHONHASHSEED", "PYTHONUTF8", "PYTHONIOENCODING"),
)
"""How the names of variables begin that decide what a training computes or how text is written.
Others tell of a machine (``PATH``) or are nobody else's business (passwords)."""
HOMES = frozenset({"KERAS_HOME", "TORCH_HOME", "JAX_COMPILATION_CACHE_DIR"})
"""Variables among them that name a folder of this machine."""
PATH = "PYTHONPATH"


def environment() -> dict[str, str]:
    """Returns the variables that travel with a trial."""
    found = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(TRAVELLING) and name not in HOMES
    }
    return {"KERAS_BACKEND": _backend(), PATH: os.environ.get(PATH, ""), **found}


def enter(travelled: dict[str, str]) -> None:
    """Sets what has travelled here; what this machine imports is found behind it."""
    given = [travelled.get(PATH, ""), os.environ.get(PATH, "")]
    folders = filter(None, os.pathsep.join(given).split(os.pathsep))
    # A process of the cluster runs many trials, so this may have been done before.
    os.environ.update({**travelled, PATH: os.pathsep.join(dict.fromkeys(folders))})


def versions() -> dict[str, str]:
    """Returns the versions that a result depends on, by name of the package."""
    return {"unstuck": unstuck.__version__, "keras": importlib.metadata.version("keras")}


def check(expected: dict[str, str]) -> None:
    """Makes sure that this machine has the same versions as another one.

    Raises:
        UsageError: If it has not.
    """
    received = versions()
    if received != expected:
        raise UsageError(
            f"Expected the same packages on every machine of the cluster: {_told(expected)}. "
            f"Received: {_told(received)} on {os.uname().nodename}."
        )


def _told(packages: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items())


def _backend() -> str:
    """Returns the backend of Keras's settings, which lie in the user's home."""
    home = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    try:
        read = json.loads(Path(home, "keras.json").read_text())
        return str(read.get("backend", USUAL_BACKEND))
    except (OSError, ValueError, AttributeError):
        return USUAL_BACKEND
