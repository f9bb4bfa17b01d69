from __future__ import annotations

import pytest

from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.trials.patch import Patch

TEXT = "# -*- coding: latin-1 -*-\r\nname = 'Zoë'  # keep\r\nrate = 1\r\n"


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_bytes(TEXT.encode("latin-1"))
    path.chmod(0o755)
    return path


def patch(script):
    return Patch(Document.read(script), TEXT.replace("rate = 1", "rate = 2"))


def test_the_diff_names_the_change_alone(script):
    lines = patch(script).diff().splitlines()
    assert [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")] == [
        "-rate = 1",
        "+rate = 2",
    ]


def test_applying_keeps_encoding_line_ends_and_a_copy(script):
    backup = patch(script).apply()[str(script)]
    assert script.read_bytes() == TEXT.replace("rate = 1", "rate = 2").encode("latin-1")
    assert backup == script.with_name("train.py.orig")
    assert backup.read_bytes() == TEXT.encode("latin-1")
    assert script.stat().st_mode & 0o777 == backup.stat().st_mode & 0o777 == 0o755


def test_no_copy_overwrites_another(script):
    (script.parent / "train.py.orig").write_text("dear to me")
    (script.parent / "train.py.orig2").write_text("this too")
    assert patch(script).apply()[str(script)].name == "train.py.orig3"
    assert (script.parent / "train.py.orig").read_text() == "dear to me"
    assert (script.parent / "train.py.orig2").read_text() == "this too"


def test_a_script_that_has_changed_meanwhile_stays(script):
    made = patch(script)
    script.write_text("print('newer')")
    with pytest.raises(UsageError, match="run unstuck fix again"):
        made.apply()
    assert script.read_text() == "print('newer')"
    assert list(script.parent.iterdir()) == [script]


def test_another_file_gets_the_same_bytes(script):
    patch(script).write(script.parent / "cured.py")
    assert (script.parent / "cured.py").read_bytes().count(b"\r\n") == 3
    assert script.read_bytes() == TEXT.encode("latin-1")


@pytest.fixture
def imported(script):
    """A script that stays as it is, with a module that changes."""
    module = script.with_name("net.py")
    module.write_bytes(b"rate = 1\r\n")
    changed = Patch(Document.read(module), "rate = 2\r\n")
    kept = Patch(Document.read(module), "rate = 1\r\n")
    return Patch(Document.read(script), TEXT, (changed, kept))


def test_a_module_is_changed_and_the_script_stays(imported, script):
    module = script.with_name("net.py")
    assert imported.diff().startswith(f"--- {module}\n+++ {module}\n")
    assert imported.apply() == {str(module): script.with_name("net.py.orig")}
    assert module.read_bytes() == b"rate = 2\r\n"
    assert script.with_name("net.py.orig").read_bytes() == b"rate = 1\r\n"
    assert script.read_bytes() == TEXT.encode("latin-1")
    assert len(list(script.parent.iterdir())) == 3


def test_a_change_of_a_module_is_not_written_to_another_script(imported, script):
    with pytest.raises(UsageError, match=r"net\.py.*--apply"):
        imported.write(script.with_name("cured.py"))
    assert not script.with_name("cured.py").exists()


def test_nothing_is_changed_if_one_file_is_another_by_now(script):
    module = script.with_name("net.py")
    module.write_text("rate = 1")
    both = Patch(Document.read(script), TEXT + "# end", (Patch(Document.read(module), "rate = 2"),))
    module.write_text("rate = 3")
    with pytest.raises(UsageError, match="run unstuck fix again"):
        both.apply()
    assert script.read_bytes() == TEXT.encode("latin-1")
    assert len(list(script.parent.iterdir())) == 2
