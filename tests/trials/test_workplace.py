from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from unstuck.errors import UsageError
from unstuck.trials import workplace
from unstuck.trials.trial import Ran
from unstuck.trials.workplace import Workplace, named


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "train.py").write_text("print('mine')")
    (folder / "data" / "x.csv").write_text("1,2")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def scratch(tmp_path):
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def test_a_trial_has_a_copy_with_its_own_text(project, scratch):
    place = Workplace(project / "train.py", scratch)
    with place.stand(b"print('other')") as stand:
        assert stand.script.read_text() == "print('other')"
        assert (stand.cwd / "data" / "x.csv").read_text() == "1,2"
        (stand.cwd / "data" / "x.csv").write_text("spoilt")
        (stand.cwd / "model.keras").write_text("new")
        copied = stand.cwd
    assert not copied.exists()
    assert (project / "data" / "x.csv").read_text() == "1,2"
    assert (project / "train.py").read_text() == "print('mine')"
    assert not (project / "model.keras").exists()
    with place.stand(b"") as stand:
        assert (stand.cwd / "data" / "x.csv").read_text() == "1,2", "not what a trial left"


def test_what_changes_meanwhile_does_not_reach_the_trials(project, scratch):
    place = Workplace(project / "train.py", scratch)
    (project / "data" / "x.csv").write_text("3,4")
    with place.stand(b"") as stand:
        assert (stand.cwd / "data" / "x.csv").read_text() == "1,2"


@pytest.mark.parametrize("below", ["", "data"])
def test_the_working_folder_may_be_elsewhere(project, scratch, monkeypatch, below):
    monkeypatch.chdir(project / below)
    with Workplace(project / "train.py", scratch).stand(b"") as stand:
        assert stand.script.name == "train.py"
        assert (stand.script.parent / "data" / "x.csv").exists()
        assert stand.cwd == stand.script.parent / below


def test_two_folders_are_two_copies(project, scratch, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "y.csv").write_text("5")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with Workplace(project / "train.py", scratch).stand(b"") as stand:
        assert (stand.cwd / "y.csv").read_text() == "5"
        assert (stand.script.parent / "data" / "x.csv").read_text() == "1,2"
        assert dict(stand.origins)[str(stand.script.parent)] == str(project)


def test_caches_environments_and_broken_links_stay_behind(project, scratch):
    for name in (".git", "__pycache__", "env"):
        (project / name).mkdir()
        (project / name / "file").write_text("")
    (project / "env" / "pyvenv.cfg").write_text("")
    (project / "gone").symlink_to("nowhere")
    with Workplace(project / "train.py", scratch).stand(b"") as stand:
        assert sorted(path.name for path in stand.cwd.iterdir()) == ["data", "train.py"]


def test_too_much_is_not_copied(project, scratch, monkeypatch):
    monkeypatch.setattr(workplace, "LARGEST", 10)
    with pytest.raises(UsageError, match="--in-place"):
        Workplace(project / "train.py", scratch)
    place = Workplace(project / "train.py", scratch, in_place=True)
    with place.stand(b"other") as stand:
        assert stand.cwd == project
        assert stand.script.read_bytes() == b"other"
        assert stand.script.parent == project
    assert sorted(path.name for path in project.iterdir()) == ["data", "train.py"]
    assert (project / "train.py").read_text() == "print('mine')"


def test_the_fingerprint_tells_that_data_have_changed(project, scratch, tmp_path):
    before = Workplace(project / "train.py", scratch).fingerprint
    (tmp_path / "again").mkdir()
    assert Workplace(project / "train.py", tmp_path / "again").fingerprint == before
    (project / "data" / "x.csv").write_text("1,2,3")
    (tmp_path / "more").mkdir()
    assert Workplace(project / "train.py", tmp_path / "more").fingerprint != before


@pytest.mark.parametrize("given", ["train.py", "./train.py", "data/../train.py", "{}/train.py"])
def test_findings_name_the_script_as_it_is_looked_for(project, scratch, given):
    script = Path(given.format(project))
    with Workplace(script, scratch).stand(b"") as stand:
        # What the run of a script calls it, see ``commands.script.File``.
        called = os.path.join(stand.cwd, stand.named)
        ran = Ran(0, 1.0, "", origins=stand.origins)
        assert os.path.samefile(called, stand.script)
        assert ran.original(called) == named(script, Path.cwd())


@pytest.mark.parametrize("in_place", [False, True])
def test_a_notebook_is_run_as_a_script_in_its_own_folder(project, scratch, in_place):
    notebook = project / "data" / "book.ipynb"
    notebook.write_text("{}")
    (project / "data" / "book.py").write_text("mine")
    with Workplace(notebook, scratch, in_place).stand(b"code") as stand:
        assert stand.notebook
        assert stand.cwd == stand.script.parent
        assert stand.script.read_bytes() == b"code"
        assert (stand.cwd / "x.csv").exists()
        assert (stand.cwd / ".." / "train.py").exists()
        assert (stand.cwd / "book.py").read_text() == "mine"
        told = Ran(0, 1.0, "", origins=stand.origins).original(f"{stand.script}:3")
    assert told == f"{notebook}:3"
    assert sorted(path.name for path in notebook.parent.iterdir()) == [
        *("book.ipynb", "book.py", "x.csv")
    ]


def test_modules_of_the_users_may_be_others_in_a_trial(project, scratch):
    module = project / "data" / "net.py"
    module.write_bytes("# coding: latin-1\r\nname = 'Zoë'\r\n".encode("latin-1"))
    place = Workplace(project / "train.py", scratch)
    known = place.module(str(module))
    text = known.text
    assert known.encoding == "iso-8859-1"
    assert text == "# coding: latin-1\r\nname = 'Zoë'\r\n"
    assert place.module(str(project / "train.py")) is None
    assert place.module(str(project / "data" / "x.csv")) is None
    assert place.module(os.__file__) is None
    with place.stand(b"", [(str(module), text.replace("name", "none"))]) as stand:
        written = (stand.cwd / "data" / "net.py").read_bytes()
    assert written == "# coding: latin-1\r\nnone = 'Zoë'\r\n".encode("latin-1")
    module.write_text("newer = 1")
    assert place.module(str(module)) == known, "as it was when trials began"
    assert Workplace(project / "train.py", scratch / "x", True).module(str(module)) is None


def test_a_journal_beside_the_script_changes_nothing_for_the_trials(project, scratch, tmp_path):
    before = Workplace(project / "train.py", scratch, apart=["journal"]).fingerprint
    (project / "journal").write_text("grows")
    (tmp_path / "again").mkdir()
    place = Workplace(project / "train.py", tmp_path / "again", apart=["journal"])
    assert place.fingerprint == before
    with place.stand(b"") as stand:
        assert not (stand.cwd / "journal").exists()


@pytest.mark.parametrize("in_place", [False, True])
def test_a_module_has_a_name_by_which_python_runs_it(project, scratch, in_place):
    (project / "net" / "fit").mkdir(parents=True)
    module = project / "net" / "fit" / "train.py"
    module.write_text("mine")
    place = Workplace(module, scratch, in_place, module="net.fit.train")
    with place.stand(b"other") as stand:
        option, name = stand.program
        assert option == "-m"
        assert stand.cwd.joinpath(*name.split(".")).with_suffix(".py") == stand.script
        assert stand.script.read_text() == "other"
        assert Ran(0, 1.0, "", origins=stand.origins).original(str(stand.script)) == str(module)
    assert module.read_text() == "mine"
    assert [path.name for path in module.parent.iterdir()] == ["train.py"]


@pytest.mark.parametrize("place", ["../elsewhere/net.py", ".venv/lib/net.py", "env/lib/net.py"])
def test_a_module_that_is_not_copied_is_refused(project, scratch, place):
    file = Path(os.path.normpath(project / place))
    file.parent.mkdir(parents=True)
    file.write_text("")
    (project / "env").mkdir(exist_ok=True)
    (project / "env" / "pyvenv.cfg").write_text("")
    for in_place in (False, True):
        with pytest.raises(UsageError, match=f"Received: net, which lies in {file}"):
            Workplace(file, scratch, in_place, module="net")


def test_modules_are_imported_from_the_copy(project, scratch, monkeypatch):
    """Also where Python's path names the user's own folder, as an editable install makes it."""
    (project / "src").mkdir()
    (project / ".venv" / "site-packages").mkdir(parents=True)
    (project / "link").symlink_to("src")
    (scratch / "link").symlink_to(project)
    entries = ["src", ".venv/site-packages", "missing", "data", ".", "../scratch/link/data"]
    path = [str(project), "/usr/lib", *(os.path.normpath(project / one) for one in entries)]
    monkeypatch.setattr("sys.path", path)
    monkeypatch.setenv("PYTHONPATH", "given")
    place = Workplace(project / "train.py", scratch)
    with place.stand(b"") as stand:
        copied = [stand.cwd / "src", stand.cwd / "data", stand.cwd, stand.cwd / "data"]
        assert stand.environment == {"PYTHONPATH": ":".join([*map(str, copied), "given"])}
    monkeypatch.setattr("sys.path", path[:2])
    with Workplace(project / "train.py", scratch).stand(b"") as stand:
        assert stand.environment == {}
    monkeypatch.setattr("sys.path", path)
    with Workplace(project / "train.py", scratch, True).stand(b"") as stand:
        assert stand.environment == {}


def test_a_workplace_goes_to_another_machine(project, scratch, tmp_path):
    (project / "empty").mkdir()
    (project / "data" / "net.py").write_text("size = 1")
    (project / "data" / "get.sh").touch(0o755)
    place = Workplace(project / "train.py", scratch)
    (tmp_path / "there").mkdir()
    packed, sent = place.packed(), pickle.dumps(place)
    shutil.rmtree(project)
    shutil.rmtree(scratch)
    there = pickle.loads(sent).elsewhere(tmp_path / "there", packed)
    with there.stand(b"other", [(str(project / "data" / "net.py"), "size = 2")]) as stand:
        assert stand.script.read_bytes() == b"other"
        assert stand.script == stand.cwd / "train.py"
        assert (stand.cwd / "data" / "x.csv").read_text() == "1,2"
        assert (stand.cwd / "data" / "net.py").read_text() == "size = 2"
        assert os.access(stand.cwd / "data" / "get.sh", os.X_OK)
        assert (stand.cwd / "empty").is_dir()
        assert dict(stand.origins)[str(stand.cwd)] == str(project)
    with there.stand(b"") as stand:
        assert (stand.cwd / "data" / "net.py").read_text() == "size = 1"
    assert not list((tmp_path / "there").iterdir())
