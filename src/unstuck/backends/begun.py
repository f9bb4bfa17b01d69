"""Work that goes on beside what its caller does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def begun(function: Callable[..., T], *arguments: Any) -> Future[T]:
    """Starts a call on a thread of its own, which ends with it; ``result`` waits for it."""
    thread = ThreadPoolExecutor(1, "unstuck")
    running = thread.submit(function, *arguments)
    thread.shutdown(wait=False)
    return running
