"""Projects that Python imports from where they are installed: trials import their copies."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import unstuck

TRIAL = """\
import sys
from pathlib import Path

from unstuck.trials.engine import Command
from unstuck.trials.engines.local import Local
from unstuck.trials.importing import located
from unstuck.trials.trial import Trial
from unstuck.trials.workplace import Workplace

module, scratch = sys.argv[1:]
place = Workplace(Path("scripts/train.py"), Path(scratch))
engine = Local(place, Command(), jobs=1)
text = "import mine.net, sys; print('the net is', mine.net.name)"
changed = ((module, "name = 'other'"),)
print("found", located("mine.net"))
own = Trial("import mine.net; print(mine.net.name, mine.net.__file__)", watched=False)
for trial in own, Trial(text, modules=changed, watched=False), Trial(text, modules=changed):
    ((_, ran),) = engine.map([trial], 60)
    print(ran.output)
"""


@pytest.fixture
def python(tmp_path):
    """Runs Python of a new environment in which the packages of this one can be imported."""
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    own = [sysconfig.get_path("purelib"), os.path.dirname(os.path.dirname(unstuck.__file__))]
    (packages / "others.pth").write_text("\n".join(own))

    def run(*words, **variables):
        ended = subprocess.run(
            [home / "bin" / "python", *words],
            cwd=tmp_path / "project",
            env=os.environ | variables,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


@pytest.mark.parametrize("layout", ["src/mine", "mine"])
@pytest.mark.parametrize("installed", [True, False])
def test_a_changed_module_is_what_a_trial_imports(python, tmp_path, layout, installed):
    """setuptools makes a path of a ``src`` folder, and a hook of packages beside others."""
    project = tmp_path / "project"
    for name in (f"{layout}/__init__.py", "scripts/train.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    module = project / layout / "net.py"
    module.write_text("name = 'as it was'")
    (tmp_path / "scratch").mkdir()
    variables = {}
    if installed:
        pytest.importorskip("setuptools")
        pytest.importorskip("pip")
        (project / "pyproject.toml").write_text(
            "[project]\nname = 'mine'\nversion = '1'\n"
            "[build-system]\nrequires = []\nbuild-backend = 'setuptools.build_meta'\n"
            f"[tool.setuptools.packages.find]\nwhere = ['{Path(layout).parent}']\n"
            "include = ['mine*']\n"
        )
        options = ("--no-index", "--no-build-isolation", "--no-deps", "--quiet")
        python("-m", "pip", "install", *options, "--editable", ".")
    else:
        variables = {"PYTHONPATH": str(module.parents[1])}
    told = python("-c", TRIAL, str(module), str(tmp_path / "scratch"), **variables)
    assert f"found {module}\n" in told
    assert f"as it was {module}\n" in told, "the copy, by the name of the original"
    assert told.count("the net is other\n") == 2
