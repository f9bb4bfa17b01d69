"""The shape of the source: how long things may get, and who may import whom."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "unstuck"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path.read_text().strip())

MEDIAN_FILE, LONG_FILE, LONGEST_FILE = 120, 300, 400
MEDIAN_BODY, LONGEST_BODY = 8, 60

LAYERS = (
    {"record", "pictures", "errors", "settings"},
    {"backends"},
    {"case"},
    {"observe"},
    {"findings", "lint"},
    {"trials"},
    {"report"},
    {"api", "commands", "__main__", "pytest_plugin"},
)
"""A file imports only from its own layer or from one above it in this list."""

BACKENDS = {"jax", "tensorflow", "torch"}
WITHOUT_KERAS = ("findings", "lint", "report")

# Paths of one machine, and of what lies outside of the repository.
FOREIGN = re.compile(r"(?<![\w.~-])/(?:work|root)/|\.\./shared|\bshared/[A-Z]+\.md")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def layer_of(module: str) -> int | None:
    """The index in LAYERS of a dotted module of the package; None for the package itself."""
    part = module.split(".")[1] if "." in module else None
    return next((index for index, layer in enumerate(LAYERS) if part in layer), None)


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yields line and absolute name of everything that a file imports, at any depth."""
    package = dotted(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def bodies() -> Iterator[tuple[str, int]]:
    """Yields place and length of every function body, its docstring not counted."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                if body:
                    length = (body[-1].end_lineno or 0) - body[0].lineno + 1
                    yield f"{name(path)}:{node.lineno} {node.name}", length


def test_files_stay_short() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in SOURCES}
    too_long = {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert not too_long, f"at most {LONGEST_FILE} lines a file"
    assert statistics.median(lengths.values()) <= MEDIAN_FILE
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= LONG_FILE


def test_functions_stay_short() -> None:
    lengths = dict(bodies())
    too_long = {place: lines for place, lines in lengths.items() if lines > LONGEST_BODY}
    assert not too_long, f"at most {LONGEST_BODY} lines a function body"
    assert statistics.median(lengths.values()) <= MEDIAN_BODY


def test_every_module_has_a_layer() -> None:
    homeless = [name(path) for path in SOURCES if layer_of(dotted(path)) is None]
    assert homeless == ["src/unstuck/__init__.py"], "add new top-level modules to LAYERS"


def test_imports_point_upwards() -> None:
    downwards = []
    for path in SOURCES:
        own = layer_of(dotted(path))
        if own is not None:  # the package itself imports its public names on first use
            downwards += [
                f"{name(path)}:{line} {module}"
                for line, module in imports_of(path)
                if module.startswith("unstuck.") and (layer_of(module) or 0) > own
            ]
    assert not downwards, "a file imports from its own layer or from one above it in LAYERS"


def test_only_backends_know_the_backends() -> None:
    outside = [
        f"{name(path)}:{line} {module}"
        for path in SOURCES
        if PACKAGE / "backends" not in path.parents
        for line, module in imports_of(path)
        if module.split(".")[0] in BACKENDS
    ]
    assert not outside


@pytest.mark.parametrize("package", WITHOUT_KERAS)
def test_imports_without_keras(package: str) -> None:
    modules = [dotted(path) for path in SOURCES if dotted(path).split(".")[1:2] == [package]]
    assert modules
    script = (
        "import importlib, json, sys\n"
        f"for module in {modules!r}:\n"
        "    importlib.import_module(module)\n"
        f"print(json.dumps(sorted({BACKENDS | {'keras'}!r} & set(sys.modules))))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT / "src",
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == []


def test_the_project_speaks_of_itself_alone() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    mentions = []
    for file in listed.stdout.decode().split("\0"):
        path = ROOT / file
        if file and path.is_file():
            text = path.read_bytes().decode("utf-8", errors="replace")
            mentions += [f"{file}: {found.group()}" for found in FOREIGN.finditer(text)]
    assert not mentions
