"""A script under ``unstuck run`` sees, says and returns what it does under ``python``."""

from __future__ import annotations

import json
import os
import re
import signal
import sys

import pytest

WORLD = """
import sys, os, pickle, pathlib
import __main__

class Thing:
    pass

def place():
    return pathlib.Path(__file__)

spec = __spec__ and (__spec__.name, __spec__.origin)
print(sys.argv, sys.path, os.getcwd(), __name__, __file__, __package__, spec)
print(__loader__.name, __cached__ is None, __builtins__.__name__, __doc__)
print(sys.modules["__main__"] is __main__, vars(__main__) is globals())
print(type(pickle.loads(pickle.dumps(Thing()))) is Thing, Thing.__module__, place().name)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("numpy", "keras", "rich")))
"""


def same_world(python, *program: str, cwd=None, **variables: str) -> None:
    options = {"cwd": cwd} if cwd else {}
    plain = python(*program, **options, **variables)
    assert plain.returncode == 0, plain.stderr
    ours = python("-m", "unstuck", "run", "--quiet", *program, **options, **variables)
    assert ours.stdout == plain.stdout
    assert ours.returncode == 0


def test_a_script_sees_the_same_world(python, write):
    write("train.py", WORLD)
    same_world(python, "train.py", "--json", "x.json", "-m", "--", "a b", "")


def test_a_script_in_another_folder_and_behind_a_link(python, write, tmp_path):
    write("deep/train.py", WORLD)
    (tmp_path / "link.py").symlink_to(tmp_path / "deep" / "train.py")
    same_world(python, "deep/train.py", "--quiet")
    same_world(python, "link.py")
    same_world(python, "../train.py", cwd=_folder(tmp_path / "deep" / "inner"))


def _folder(path):
    path.mkdir()
    return path


def test_a_module_and_a_package_see_the_same_world(python, write):
    write("pkg/__init__.py", "")
    write("pkg/train.py", WORLD)
    write("pkg/__main__.py", WORLD)
    same_world(python, "-m", "pkg.train", "--fail-on", "nothing")
    same_world(python, "-m", "pkg")


def test_safe_path_keeps_the_folder_of_the_script_out(python, write):
    write("train.py", WORLD)
    same_world(python, "train.py", PYTHONSAFEPATH="1")


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('no data')", 1, "no data\n"),
        ("raise SystemExit(True)", 1, ""),
    ],
)
def test_the_exit_code_of_the_script_is_passed_on(watched, write, ending, code, said):
    write("train.py", f"import sys\nprint('seen')\n{ending}\nprint('unseen')\n")
    ended = watched("train.py")
    assert ended.returncode == code
    assert ended.stdout == "seen\n"
    assert ended.stderr.startswith(said + "unstuck: The script never called fit")


FAILURES = {
    "plain": "def load():\n    return {}['x']\nload()\n",
    "cause": "try:\n    int('x')\nexcept ValueError as e:\n    raise RuntimeError('bad') from e\n",
    "context": "try:\n    int('x')\nexcept ValueError:\n    {}['y']\n",
    "suppressed": "try:\n    int('x')\nexcept ValueError:\n    raise KeyError('y') from None\n",
    "group": "raise ExceptionGroup('g', [ValueError(1), ExceptionGroup('h', [KeyError(2)])])\n",
    "notes": "e = ValueError('x')\ne.add_note('more')\nraise e\n",
    "syntax": "x = (\n",
    "syntax in a module": "import broken\n",
    "import": "import nowhere_to_be_found\n",
    "error in a module": "import failing\n",
    "recursion": "def f():\n    f()\nf()\n",
    "own hook": "import sys\nsys.excepthook = lambda *a: sys.stderr.write('hook\\n')\n1/0\n",
    "broken hook": "import sys\nsys.excepthook = lambda *a: [][1]\n1/0\n",
    "no colon": "x = 1\n\n\nif x\n    y",
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_exception_is_shown_as_python_shows_it(python, watched, write, name):
    write("broken.py", "def f(:\n")
    write("failing.py", "def g():\n    1/0\ng()\n")
    write("train.py", FAILURES[name])
    plain, ours = python("train.py"), watched("--json", "out.json", "train.py")
    assert "Error" in plain.stderr or "hook" in plain.stderr
    shown, _, rest = ours.stderr.partition("unstuck: ")
    # A recursion is as deep as the limit, less the frames that it starts from.
    assert re.sub(r"repeated \d+", "", shown) == re.sub(r"repeated \d+", "", plain.stderr)
    assert rest.startswith("The script ended with ")
    assert ours.returncode == plain.returncode == 1


def test_an_exception_of_a_module_has_no_frames_of_the_runner(watched, write, tmp_path):
    write("pkg/__init__.py", "")
    write("pkg/train.py", "1/0\n")
    ended = watched("-m", "pkg.train")
    shown = ended.stderr.partition("unstuck: ")[0]
    path = tmp_path / "pkg" / "train.py"
    assert shown.splitlines()[:2] == [
        "Traceback (most recent call last):",
        f'  File "{path}", line 1, in <module>',
    ]
    assert shown.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert ended.returncode == 1


def test_an_import_that_fails_inside_the_package_is_the_users_failure(watched, write):
    write("pkg/__init__.py", "import nowhere_to_be_found\n")
    write("pkg/train.py", "")
    ended = watched("-m", "pkg.train")
    assert ended.returncode == 1
    assert "No module named 'nowhere_to_be_found'" in ended.stderr
    assert "commands" not in ended.stderr


def test_ctrl_c_is_the_scripts_own_interrupt(start, write, tmp_path):
    write("train.py", "import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    process = start("-m", "unstuck", "run", "--json", "out.json", "train.py")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.startswith("Traceback (most recent call last):")
    assert "\nKeyboardInterrupt\nunstuck: The script ended with KeyboardInterrupt" in errors
    assert json.loads((tmp_path / "out.json").read_text())["verdict"] == "undetermined"


def test_threads_and_exit_functions_run_as_they_do_in_python(watched, write):
    write(
        "train.py",
        "import atexit, threading, time, concurrent.futures\n"
        "atexit.register(print, 'at exit')\n"
        "def work():\n    time.sleep(.3); print('thread')\n"
        "threading.Thread(target=work).start()\n"
        "threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n"
        "pool = concurrent.futures.ThreadPoolExecutor(1)\n"
        "print(pool.submit(int, 5).result())\n"
        "print('main')\n",
    )
    ended = watched("train.py")
    assert ended.stdout.splitlines() == ["5", "main", "thread", "at exit"]
    assert ended.returncode == 0


def test_a_script_that_ends_the_process_is_not_held_back(watched, write, tmp_path):
    write("train.py", "import os\nprint('last', flush=True)\nos._exit(9)\n")
    ended = watched("train.py")
    assert (ended.returncode, ended.stdout, ended.stderr) == (9, "last\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_leaves_report_and_recording_to_its_parent(watched, write):
    write(
        "train.py",
        "import os, sys\n"
        "child = os.fork()\n"
        "if not child:\n    print('child'); sys.exit(5)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n",
    )
    ended = watched("train.py")
    assert sorted(ended.stdout.split()) == ["5", "child"]
    assert ended.stderr.count("unstuck:") == 1
    assert ended.returncode == 0


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_multiprocessing_finds_the_functions_of_the_script(python, write, method):
    script = (
        "import multiprocessing as mp, sys\n"
        "def square(x):\n    return x * x\n"
        "if __name__ == '__main__':\n"
        f"    with mp.get_context({method!r}).Pool(1) as pool:\n"
        "        print(pool.map(square, range(4)))\n"
    )
    write("train.py", script)
    write("pkg/__init__.py", "")
    write("pkg/job.py", script)
    ran = [python("-m", "unstuck", "run", *p) for p in (["train.py"], ["-m", "pkg.job"])]
    assert [ended.stdout for ended in ran] == ["[0, 1, 4, 9]\n"] * 2, ran[0].stderr


def test_modules_beside_the_script_do_not_get_into_our_imports(watched, write, tmp_path):
    for name in ("numpy", "rich", "jinja2", "sqlite3", "libcst"):
        write(f"{name}.py", "raise RuntimeError('not for you')\n")
    write("train.py", "import os, sys\nos.chdir('/')\nprint(len(sys.argv))\n")
    ended = watched("--json", "out.json", "train.py")
    assert ended.returncode == 0
    assert json.loads((tmp_path / "out.json").read_text())["fits"] == []


def test_a_script_may_replace_or_close_its_streams(watched, write):
    write("replaced.py", "import sys, io\nprint('a')\nsys.stdout = io.StringIO()\nprint('b')\n")
    write("closed.py", "import sys\nprint('a')\nsys.stdout.close()\n")
    for name in ("replaced.py", "closed.py"):
        ended = watched(name)
        assert ended.stdout == "a\n"
        assert "never called fit" in ended.stderr


WRONG = {
    "missing.py": "No such file",
    "folder": "a folder",
    "weights.npz": "which is not text",
    "notebook.ipynb": "unstuck.Monitor()",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_script_is_said_to_be_none(watched, write, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "weights.npz").write_bytes(b"PK\x03\x04\0\0")
    write("notebook.ipynb", "{}")
    ended = watched(name)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"unstuck: Expected a Python script, received {name}")
    assert WRONG[name] in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_module_that_is_not_there(watched, write):
    write("pkg/__init__.py", "")
    for name in ("nope", "nope.deep", "pkg.nope", "pkg"):
        ended = watched("-m", name)
        assert ended.returncode == 2
        assert ended.stderr.startswith("unstuck: Expected a module")
        assert ended.stderr.count("\n") == 1


def test_python_runs_it_as_a_module_and_as_a_program(python, write):
    write("train.py", "print('ran')\n")
    call = "import sys; from unstuck.commands import main; sys.exit(main(['run', 'train.py']))"
    assert python("-c", call).stdout == python("-m", "unstuck", "run", "train.py").stdout == "ran\n"
    assert sys.version_info >= (3, 11)
