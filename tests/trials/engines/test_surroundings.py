from __future__ import annotations

import os

import pytest

from unstuck.errors import UsageError
from unstuck.trials.engines import surroundings


@pytest.fixture
def clean(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(surroundings.TRAVELLING):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", "")
    return monkeypatch


def test_what_decides_a_result_travels_and_nothing_else(clean):
    clean.setenv("KERAS_BACKEND", "torch")
    clean.setenv("OMP_NUM_THREADS", "2")
    clean.setenv("SECRET", "mine")
    clean.setenv("PYTHONPATH", "src")
    assert surroundings.environment() == {
        "KERAS_BACKEND": "torch",
        "OMP_NUM_THREADS": "2",
        "PYTHONPATH": "src",
    }


@pytest.mark.parametrize(
    ("settings", "backend"),
    [
        ('{"backend": "jax"}', "jax"),
        ("{}", "tensorflow"),
        ("[]", "tensorflow"),
        ("no", "tensorflow"),
        (None, "tensorflow"),
    ],
)
def test_the_backend_of_keras_settings_travels(clean, tmp_path, settings, backend):
    if settings is not None:
        (tmp_path / "keras.json").write_text(settings)
    assert surroundings.environment()["KERAS_BACKEND"] == backend


def test_what_a_machine_imports_is_found_behind_what_has_travelled(clean):
    clean.setenv("PYTHONPATH", "/site")
    clean.setenv("KERAS_BACKEND", "jax")
    for _ in range(2):
        surroundings.enter({"KERAS_BACKEND": "torch", "PYTHONPATH": "src"})
        assert os.environ["KERAS_BACKEND"] == "torch"
        assert os.environ["PYTHONPATH"] == f"src{os.pathsep}/site"


def test_other_versions_are_refused():
    surroundings.check(surroundings.versions())
    with pytest.raises(UsageError, match=r"keras 2\.0"):
        surroundings.check(surroundings.versions() | {"keras": "2.0"})
