"""Where trials run: in copies of the user's folder, so that nothing of the user's is lost.

A script saves models, logs and pictures under fixed names. A dozen trials of it in the user's own
folder would overwrite what the user has, and each other's checkpoints; so each trial gets a fresh
copy of the folder as it was at the start. What a script reaches by an absolute path or over a
network is the same for all: no copy can help there.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from unstuck.case import files
from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.trials import archive
from unstuck.trials.importing import import_paths
from unstuck.trials.notebook import SUFFIX
from unstuck.trials.stand import Stand

LARGEST = 200_000_000
"""Bytes that are copied for each trial: a fraction of a second from the cache of a disk."""
MOST_FILES = 20_000
"""Files that are copied for each trial, some seconds; more are a folder of pictures or packages."""
LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "__pycache__", "node_modules", ".ipynb_checkpoints"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox"}
)
"""Folders that no training reads; also every folder with a ``pyvenv.cfg``."""


class Workplace:
    """Gives trials a place.

    Args:
        script: The user's script or notebook. Where that is a notebook, trials run a script beside
            it, in its own folder, as Jupyter does.
        scratch: An empty folder of ours; the copies are made below it.
        in_place: Whether trials run in the user's own folder, one after another.
        apart: Names of files of ours, which no training reads: a journal grows with each trial.
        module: The name by which the script is run as a module; None if it is run as a file.

    Attributes:
        scratch: As it was given.
        fingerprint: Changes when a file of the user's changes.

    Raises:
        UsageError: If there is too much to copy, or the module is not among it.
    """

    def __init__(
        self,
        script: Path,
        scratch: Path,
        in_place: bool = False,
        apart: Collection[str] = (),
        module: str | None = None,
    ) -> None:
        self.in_place = in_place
        self._script = Path(os.path.abspath(script))
        self._named = str(script)
        self.scratch = scratch
        self._packed: bytes | None = None
        self._module = module
        self._notebook = self._script.suffix == SUFFIX
        if module is not None:
            _check_held(module, self._script, Path.cwd())
        self._roots = _roots(Path.cwd(), self._script.parent)
        self._cwd = self._script.parent if self._notebook else Path.cwd()
        # The user may work where temporary files are made.
        self._apart = {*map(os.path.abspath, apart), str(scratch)}
        self.fingerprint = _fingerprint([] if in_place else _files(self._roots, self._apart))
        if not in_place:
            self._frozen = scratch / "frozen"
            self._copy(self._roots, self._frozen)
        self._importing = () if in_place else tuple(self._held(import_paths()))

    @contextlib.contextmanager
    def stand(self, text: bytes, modules: Iterable[tuple[str, str]] = ()) -> Iterator[Stand]:
        """Gives a place in which the script has another text; it is gone afterwards.

        Args:
            text: The script's.
            modules: Path and text of other files, see ``module``; none where trials run in place.
        """
        if self.in_place:
            yield from self._beside(text)
            return
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            self._fill(folder)
            stand = self._moved(folder)
            stand.script.write_bytes(text)
            for path, source in modules:
                _rewrite(self._copied(Path(path), folder), source)
            yield stand
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def packed(self) -> bytes:
        """Returns the user's folders as they were at the start, to be sent to other machines."""
        return archive.pack(self._frozen)

    def elsewhere(self, scratch: Path, packed: bytes) -> Workplace:
        """Returns the same workplace on another machine, which need not have the user's folders.

        Args:
            scratch: An empty folder there.
            packed: What ``packed`` returned here.
        """
        place = copy.copy(self)
        place.scratch, place._packed = scratch, packed
        return place

    def module(self, path: str) -> Document | None:
        """Returns a file that trials may change, as it was at the start; None where they can't.

        Args:
            path: As findings name it; only what is copied for each trial can be another there.
        """
        file = Path(path)
        held = not self.in_place and any(file.is_relative_to(root) for root in self._roots)
        if not held or file.suffix != ".py" or file == self._script:
            return None
        try:
            return Document(path, *files.read(self._copied(file, self._frozen)))
        except UsageError:
            return None

    def _fill(self, folder: Path) -> None:
        if self._packed is not None:
            archive.unpack(self._packed, folder)
        else:
            frozen = [self._frozen / str(index) for index in range(len(self._roots))]
            self._copy(frozen, folder)

    def _held(self, folders: Iterable[str]) -> Iterator[Path]:
        """Yields those of some folders that are copied for each trial."""
        for given in folders:
            for folder in map(Path, dict.fromkeys((given, os.path.realpath(given)))):
                inside = any(folder.is_relative_to(root) for root in self._roots)
                if inside and self._copied(folder, self._frozen).is_dir():
                    yield folder
                    break

    def _copied(self, path: Path, folder: Path) -> Path:
        """Returns where a file of the user's is in a copy."""
        index = next(i for i, root in enumerate(self._roots) if path.is_relative_to(root))
        return folder / str(index) / path.relative_to(self._roots[index])

    def _beside(self, text: bytes) -> Iterator[Stand]:
        beside = _beside(self._script, f"{os.getpid()}-")
        called = str(beside)
        if self._module is not None:
            beside = self._script.with_name(f"_unstuck_{os.getpid()}_{self._script.name}")
            called = ".".join([*self._module.split(".")[:-1], beside.stem])
        beside.write_bytes(text)
        try:
            origins = ((str(beside), str(self._script)),)
            yield Stand(
                self._cwd, beside, called, origins, self._notebook, self._module is not None
            )
        finally:
            beside.unlink(missing_ok=True)

    def _copy(self, sources: list[Path], target: Path) -> None:
        def ignored(folder: str, names: list[str]) -> set[str]:
            return _ignored(folder, names, self._apart)

        for index, source in enumerate(sources):
            shutil.copytree(source, target / str(index), ignore=ignored, dirs_exist_ok=True)

    def _moved(self, folder: Path) -> Stand:
        script, cwd = (self._copied(path, folder) for path in (self._script, self._cwd))
        copies = enumerate(self._roots)
        origins = tuple((str(folder / str(index)), str(root)) for index, root in copies)
        paths = tuple(str(self._copied(path, folder)) for path in self._importing)
        if self._module is not None:
            return Stand(cwd, script, self._module, origins, module=True, paths=paths)
        if self._notebook:
            script = _beside(script)
            origins = ((str(script), str(self._script)), *origins)
            return Stand(cwd, script, str(script), origins, notebook=True, paths=paths)
        # Tracebacks and sys.argv name the script as the user did, where that still holds.
        called = self._named if _inside(Path(self._named), self._cwd) else str(script)
        return Stand(cwd, script, called, origins, paths=paths)


def _rewrite(path: Path, text: str) -> None:
    before, encoding = files.read(path)
    if text != before:
        path.write_bytes(text.encode(encoding))


def _beside(script: Path, mark: str = "") -> Path:
    """Returns a name beside a script that nothing of the user's has."""
    return script.with_name(f".unstuck-{mark}{script.name.removesuffix('.py')}.py")


def named(script: Path, cwd: Path) -> str:
    """Returns the path by which findings name a script, once the copies are called as the user's.

    Args:
        script: As it was given.
        cwd: The user's working folder.
    """
    return os.path.join(cwd, script) if _inside(script, cwd) else os.path.abspath(script)


def _inside(script: Path, cwd: Path) -> bool:
    """Whether a script is given by a way down from the working folder."""
    return not script.is_absolute() and ".." not in script.parts


def _roots(cwd: Path, folder: Path) -> list[Path]:
    """Returns the folders to copy: that of the script and the working one, one if nested."""
    if folder.is_relative_to(cwd):
        return [cwd]
    return [folder] if cwd.is_relative_to(folder) else [cwd, folder]


def _check_held(module: str, script: Path, root: Path) -> None:
    way = script.relative_to(root).parts if script.is_relative_to(root) else ()
    folders = [root.joinpath(*way[:index]) for index in range(len(way))]
    steps = zip(folders, way, strict=True)
    if not way or any(_ignored(str(folder), [name], ()) for folder, name in steps):
        raise UsageError(
            f"Expected a module below {root}, of which each trial gets a copy, without the "
            f"packages that are installed there. Received: {module}, which lies in {script}. "
            "Run unstuck fix in the folder of the project that the module belongs to."
        )


def _ignored(folder: str, names: list[str], apart: Collection[str]) -> set[str]:
    """Names the entries of a folder that are not copied: caches, sockets, broken links, ours."""
    found = {name for name in names if name in LEFT_OUT or os.path.join(folder, name) in apart}
    for name in set(names) - found:
        path = Path(folder, name)
        if (path / "pyvenv.cfg").exists() or not (path.is_dir() or path.is_file()):
            found.add(name)
    return found


def _files(roots: list[Path], apart: Collection[str]) -> list[tuple[str, int, int]]:
    """Lists what would be copied: path, bytes and time of change."""
    found: list[tuple[str, int, int]] = []
    total = 0
    for root in roots:
        for folder, folders, names in os.walk(root, followlinks=True):
            ignored = _ignored(folder, [*folders, *names], apart)
            folders[:] = [name for name in folders if name not in ignored]
            for name in sorted(set(names) - ignored):
                path = os.path.join(folder, name)
                state = os.stat(path)
                found.append((path, state.st_size, state.st_mtime_ns))
                total += state.st_size
                if total > LARGEST or len(found) > MOST_FILES:
                    raise UsageError(_too_much(root))
    return sorted(found)


def _too_much(root: Path) -> str:
    return (
        f"Expected at most {LARGEST / 1e6:,.0f} MB in {MOST_FILES:,} files to copy for each trial. "
        f"Received: more than that below {root}. Run unstuck from a folder that holds the script "
        "and its data only; or pass --in-place: the trials then run in the folder itself, one "
        "after another, and overwrite the files that the script writes."
    )


def _fingerprint(found: list[tuple[str, int, int]]) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()
