"""Runs a person's script or module as Python itself would, inside this process."""

from __future__ import annotations

import builtins
import dataclasses
import importlib.util
import io
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from unstuck.commands import traces
from unstuck.commands.command import FINDINGS, INTERRUPTED, SUCCESS
from unstuck.errors import UsageError


class NoModuleError(UsageError):
    """There is no module of that name; no line of the user's has failed."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a script ended: the exit code Python would have given, and what was not caught."""

    code: int
    exception: BaseException | None = None


class Script(ABC):
    """A program that becomes ``__main__``.

    Args:
        name: As the user named it.
        arguments: What the program finds in ``sys.argv`` after its own name.

    Attributes:
        path: Its source file; None for a module that has not been found yet.
    """

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.path: str | None = None

    def run(self) -> Outcome:
        """Runs the program to its end, threads included.

        An exception that it does not catch is shown at once, as Python would.

        Raises:
            NoModuleError: If there is no such module.
        """
        self._enter()
        return _after_threads(self._ended())

    def _ended(self) -> Outcome:
        try:
            code, main = self._load()
            sys.modules["__main__"] = main
            exec(code, vars(main))
            return Outcome(SUCCESS)
        except NoModuleError:
            raise
        except SystemExit as stop:
            return Outcome(_exit_code(stop))
        except BaseException as exception:
            failure = exception
        # Not while it is being handled: what a hook of the user raises would be chained to it.
        return _failed(failure)

    @abstractmethod
    def _enter(self) -> None:
        """Sets ``sys.argv`` and ``sys.path``."""

    @abstractmethod
    def _load(self) -> tuple[CodeType, ModuleType]:
        """Compiles the program and makes its ``__main__`` module."""


class File(Script):
    """``python SCRIPT``.

    Raises:
        UsageError: If the file is missing or can't be a Python script.
    """

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        super().__init__(name, arguments)
        # Python joins and leaves "..", and that is the name that tracebacks show.
        self.path = os.path.join(os.getcwd(), name)
        self._source = _source(name)

    def _enter(self) -> None:
        sys.argv = [self.name, *self.arguments]
        if not sys.flags.safe_path:
            sys.path[0] = os.path.dirname(os.path.realpath(self.name))

    def _load(self) -> tuple[CodeType, ModuleType]:
        path = str(self.path)
        loader = SourceFileLoader("__main__", path)
        main = _main(__file__=path, __cached__=None, __loader__=loader, __package__=None)
        return compile(self._source, path, "exec", dont_inherit=True), main


class Module(Script):
    """``python -m MODULE``."""

    def _enter(self) -> None:
        sys.argv = ["-m", *self.arguments]
        if not sys.flags.safe_path:
            sys.path[0] = os.getcwd()

    def _load(self) -> tuple[CodeType, ModuleType]:
        spec = self._spec(self.name)
        if spec.submodule_search_locations is not None:
            spec = self._spec(f"{self.name}.__main__")
        code = getattr(spec.loader, "get_code", lambda name: None)(spec.name)
        if code is None:
            raise NoModuleError(f"Expected a module written in Python, received {self.name!r}.")
        self.path = spec.origin
        sys.argv[0] = str(spec.origin)
        return code, _main(
            __file__=spec.origin,
            __cached__=spec.cached,
            __loader__=spec.loader,
            __package__=spec.parent,
            __spec__=spec,
        )

    def _spec(self, name: str) -> Any:
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError as error:  # a parent package is missing, or imports too much
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            spec = None
        if spec is None:
            raise NoModuleError(
                f"Expected a module that Python finds from {os.getcwd()}, received {name!r}: "
                "no module of that name. For a file: unstuck run FILE"
            )
        return spec


def _source(name: str) -> bytes:
    """Reads a script, or says why it can't be one."""
    expected = f"Expected a Python script, received {name}"
    if os.path.isdir(name):
        raise UsageError(f"{expected}, a folder. For a package: unstuck run -m PACKAGE")
    if name.endswith(".ipynb"):
        raise UsageError(
            f"{expected}, a notebook. Pass callbacks=[unstuck.Monitor()] to fit in a cell of it, "
            f"or make a script of it: jupyter nbconvert --to script {name}"
        )
    try:
        with io.open_code(os.path.abspath(name)) as file:
            source = file.read()
    except OSError as error:
        raise UsageError(f"{expected}: {error.strerror}. Is the path right?") from error
    if b"\0" in source:
        raise UsageError(f"{expected}, which is not text. Pass the .py file that trains the model.")
    return source


def _main(**attributes: Any) -> ModuleType:
    main = ModuleType("__main__")
    vars(main).update(attributes, __builtins__=builtins)
    return main


def _exit_code(stop: SystemExit) -> int:
    """Does with the argument of ``sys.exit`` what Python does."""
    if stop.code is None:
        return SUCCESS
    if isinstance(stop.code, int):
        return int(stop.code)
    print(stop.code, file=sys.stderr)
    return FINDINGS


def _failed(exception: BaseException) -> Outcome:
    traces.show(exception)
    stopped = isinstance(exception, KeyboardInterrupt)
    return Outcome(INTERRUPTED if stopped else FINDINGS, exception)


def _after_threads(outcome: Outcome) -> Outcome:
    """Waits for the script's threads, as Python does before it ends."""
    try:
        for thread in threading.enumerate():
            if _to_wait_for(thread):
                thread.join()
    except KeyboardInterrupt as exception:
        return _failed(exception)
    return outcome


def _to_wait_for(thread: threading.Thread) -> bool:
    """Workers of an executor end only when Python does; waiting for them would never end."""
    from concurrent.futures import thread as executors

    workers = getattr(executors, "_threads_queues", {})
    return thread is not threading.current_thread() and not thread.daemon and thread not in workers
