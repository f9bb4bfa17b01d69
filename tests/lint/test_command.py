"""``unstuck lint`` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import unstuck
from unstuck.report.json import schema

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(unstuck.__file__).parents[1])}

SICK = (
    "import keras\n"
    "model = keras.Sequential([\n"
    "    keras.layers.LSTM(4),\n"
    "    keras.layers.Dense(1, activation='softmax'),\n"
    "])\n"
    "model.compile(loss='binary_crossentropy')\n"
)


def python(*arguments, cwd):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def lint(*arguments, cwd):
    return python("-m", "unstuck", "lint", *arguments, cwd=cwd)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.py").write_text(SICK)
    (tmp_path / "fine.py").write_text(SICK.replace("softmax", "sigmoid"))
    return tmp_path


def test_text_is_what_an_editor_opens(folder):
    done = lint(".", cwd=folder)
    assert done.returncode == 1
    first, summary, offer = done.stdout.splitlines()
    assert first.startswith("train.py:4:5: error: OUT101 softmax-on-one-unit: The output Dense(1")
    assert summary == "Suspected 1 cause in 2 scripts; read, not run."
    assert offer == "Can be changed: 1 with --fix; --diff shows how."
    assert done.stderr == ""


def test_json_keeps_to_the_schema(folder):
    done = lint("--format", "json", "train.py", cwd=folder)
    assert done.returncode == 1
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema())
    assert [finding["code"] for finding in document["findings"]] == ["OUT101"]
    assert document["script"] == "train.py"


def test_nothing_found(folder):
    done = lint("fine.py", cwd=folder)
    assert done.returncode == 0
    assert done.stdout == "Nothing suspected in 1 script; read, not run.\n"


def test_fail_on_decides_the_code(folder):
    inner = SICK.replace("])", "    keras.layers.LSTM(4), keras.layers.Dense(1),\n])")
    (folder / "inner.py").write_text(inner.replace("binary_crossentropy", "mse"))
    assert lint("inner.py", cwd=folder).returncode == 1
    assert lint("--fail-on", "error", "inner.py", cwd=folder).returncode == 0
    assert lint("--fail-on", "error", "train.py", cwd=folder).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.py"], "missing.py"),
        (["broken.py"], "broken.py, line 1"),
        ([], "PATH"),
        (["--format", "yaml", "train.py"], "yaml"),
    ],
)
def test_wrong_use_is_two(folder, arguments, said):
    (folder / "broken.py").write_text("x = = 1\n")
    done = lint(*arguments, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_heavy_is_imported(folder):
    program = (
        "import sys; from unstuck.commands import main; main(['lint', 'train.py'])\n"
        "heavy = {'keras', 'tensorflow', 'jax', 'torch', 'rich', 'jinja2', 'libcst', 'sqlite3',\n"
        "         'unstuck.report', 'unstuck.observe.monitor', 'unstuck.findings.diagnose',\n"
        "         'numpy._core'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert python("-c", program, cwd=folder).stderr == "[]\n", (
        "a module that rules import uses numpy when it is imported: write its aliases as text, "
        'Floats: TypeAlias = "npt.NDArray[np.float64]", and import numpy.typing only '
        "if TYPE_CHECKING"
    )


def test_a_package_that_is_imported_late_is_the_package():
    program = (
        "import sys\n"
        "from unstuck.commands.later import postpone\n"
        "postpone('numpy')\n"
        "import numpy as np\n"
        "assert 'numpy._core' not in sys.modules\n"
        "from numpy import linalg\n"
        "import numpy.typing as npt\n"
        "assert linalg.norm([3, 4]) == 5\n"
        "assert isinstance(np.zeros(2), np.ndarray)\n"
        "assert np.linalg is linalg\n"
        "assert sys.modules['numpy'].zeros is np.zeros\n"
        "assert not hasattr(np, 'no_such_name')\n"
        "postpone('numpy')\n"
        "assert sys.modules['numpy'].zeros is np.zeros\n"
        "postpone('no_such_package')\n"
        "import no_such_package\n"
        "try:\n"
        "    no_such_package.x\n"
        "except ModuleNotFoundError as error:\n"
        "    print(error)\n"
    )
    done = python("-c", program, cwd=Path())
    assert (done.stdout, done.stderr) == ("No module named 'no_such_package'\n", "")
