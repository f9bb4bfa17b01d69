from __future__ import annotations

import signal
import sys

import pytest

from unstuck.errors import MissingExtraError, UsageError
from unstuck.trials.engines.connection import connected


@pytest.mark.parametrize("address", ["127.0.0.9:1", "nonsense", "127.0.0.1:no", "local"])
def test_without_a_cluster_it_says_how_to_start_one(address):
    with pytest.raises(UsageError, match="ray start --head"), connected(address):
        pass


def test_without_ray_it_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"unstuck\[ray\]"), connected(None):
        pass


def test_a_connection_keeps_what_signals_do_and_ends_unless_it_was_there(cluster, monkeypatch):
    import ray

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    with connected(None):
        assert signal.getsignal(signal.SIGTERM) is before
        with connected(None):
            pass
        assert ray.is_initialized()
        with pytest.raises(ValueError, match="mine"), connected(None):
            raise ValueError("mine")
        assert ray.is_initialized()
    assert not ray.is_initialized()
