from __future__ import annotations

import os
import sys
import types

import pytest

from unstuck.errors import UsageError
from unstuck.trials.importing import import_paths, located


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("train.py", "net/__init__.py", "net/__main__.py", "net/deep/fit.py", "lib/own.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise AssertionError('it is found without being run')")
    (tmp_path / "net" / "text.pyc").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("train", "train.py"),
        ("net", "net/__main__.py"),
        ("net.__main__", "net/__main__.py"),
        ("net.deep.fit", "net/deep/fit.py"),
        ("lib.own", "lib/own.py"),
    ],
)
def test_the_file_is_the_one_that_python_would_run(project, name, file):
    assert located(name) == project / file


@pytest.mark.parametrize("name", ["missing", "net.missing", "lib", "train.py", "", ".train"])
def test_what_is_no_module_is_told(project, name):
    with pytest.raises(UsageError, match="Expected a module that Python finds"):
        located(name)


def test_what_has_no_source_is_told(project):
    with pytest.raises(UsageError, match="written in Python"):
        located("net.text")


def test_the_path_is_searched_after_the_working_folder(project, monkeypatch):
    monkeypatch.setattr(sys, "path", ["/program", str(project / "lib"), *sys.path[1:]])
    assert located("own") == project / "lib" / "own.py"
    assert import_paths()[0] == str(project / "lib"), "not the folder of the program"


def test_packages_that_a_hook_of_setuptools_finds_lie_on_the_path(project, monkeypatch):
    hook = types.ModuleType("__editable___net_0_finder")
    source = f"MAPPING = {{'net': {str(project / 'net')!r}, 'other': '/renamed'}}\n"
    exec(source + "class _EditableFinder:\n    pass\n", vars(hook))
    monkeypatch.setitem(sys.modules, hook.__name__, hook)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, hook._EditableFinder])
    assert import_paths()[-1] == str(project)
    (project / "lib").joinpath("sub").mkdir()
    monkeypatch.chdir(project / "lib" / "sub")
    assert located("net") == project / "net" / "__main__.py"
    assert os.fspath(located("net.deep.fit")) == str(project / "net" / "deep" / "fit.py")
