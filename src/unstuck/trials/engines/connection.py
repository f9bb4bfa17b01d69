"""The way to a Ray cluster that is running, and back."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

from unstuck.errors import MissingExtraError, UsageError

START = "ray start --head"
"""What starts a cluster of one machine, which others may join."""

ANSWERS = 10.0
"""Seconds in which a machine answers that is there."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def require() -> None:
    """Makes sure that there is something to connect with.

    Raises:
        MissingExtraError: If Ray is not installed.
    """
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "Expected Ray for --engine ray. Received: no package of that name. "
            "Install the extra: pip install 'unstuck[ray]'."
        ) from error


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Connects to a cluster, unless this process has done so before; then that one is kept.

    Args:
        address: Its host and port; None for that of ``RAY_ADDRESS``, or the one of this machine.

    Raises:
        MissingExtraError: If Ray is not installed.
        UsageError: If there is no cluster, or none that can run anything.
    """
    require()
    import ray

    if ray.is_initialized():
        yield
        return
    given = address or os.environ.get("RAY_ADDRESS") or "auto"
    try:
        _connect(given)
        if ray.cluster_resources().get("CPU", 0) < 1:
            raise UsageError(f"Expected a Ray cluster with a CPU. Received: none at {given}.")
        yield
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        _probe(address)
        with _own_sigterm():
            ray.init(address, namespace="unstuck", **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"Expected a Ray cluster that runs, with a node on this machine. Received: {address} "
            f"({reason}). Start one with: {START}. To join one: ray start --address HOST:PORT."
        ) from error


def _probe(address: str) -> None:
    """Makes sure that something listens; Ray waits for minutes until it says that nothing does."""
    import ray

    if address == "auto" or "://" in address:
        return
    host, found, port = address.rpartition(":")
    if not found or not port.isdecimal():
        raise ValueError("that is no HOST:PORT")
    if host in LOOPBACK:  # Ray takes these for the address by which others reach this machine
        host = ray.util.get_node_ip_address()
    socket.create_connection((host, int(port)), ANSWERS).close()


@contextlib.contextmanager
def _own_sigterm() -> Iterator[None]:
    """Keeps what a signal does, where Ray would have it leave without cleaning up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
