"""Lines of the user's source, told from those of everyone else."""

from __future__ import annotations

import contextlib
import gc
import json
import linecache
import sys
import threading
from types import ModuleType

import pytest

from unstuck.case.facts import Place
from unstuck.case.source import Places, caller_place


def run(source: str, file: str, module: str = "__main__", **names: object) -> dict[str, object]:
    """Runs source as if it stood in a file of that name."""
    world = vars(ModuleType(module))
    world.update(names, place=caller_place)
    exec(compile(source, file, "exec"), world)
    return world


@pytest.mark.parametrize(
    "file",
    [
        "/home/me/train.py",
        "train.py",
        "<ipython-input-3-ab12>",
        "<stdin>",
        "/tmp/ipykernel_12/345.py",
        "/opt/venv/lib/python3.11/site-packages/tool/train.py",
    ],
)
def test_the_line_of_a_main_program(file):
    world = run("\n\nhere = place()\n", file)
    assert world["here"] == Place(file, 3)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("/opt/venv/lib/python3.11/site-packages/kit/layers.py", "kit.layers"),
        ("/usr/lib/python3/dist-packages/kit.py", "kit"),
        (contextlib.__file__, "contextlib"),
        ("/src/checkout/keras/src/layers/layer.py", "keras.src.layers.layer"),
        ("/src/checkout/jax/core.py", "jax.core"),
        (sys.modules["unstuck.case.source"].__file__, "unstuck.case.source"),
        ("<string>", "user"),
        ("<frozen importlib._bootstrap>", "importlib._bootstrap"),
        ("<__array_function__ internals>", "numpy"),
    ],
)
def test_other_peoples_lines_are_passed_over(file, module):
    inner = run("def call():\n    return place()\n", file, module)["call"]
    world = run("def make():\n    return call()\nhere = make()\n", "/me/net.py", "net", call=inner)
    assert world["here"] == Place("/me/net.py", 2)


def test_through_the_standard_library_the_innermost_line_counts():
    world = run(
        "def inner(value):\n    seen.append(place())\n    return 0\n"
        "json.dumps(object(), default=inner)\n",
        "/me/net.py",
        json=json,
        seen=(seen := []),
    )
    assert world["seen"] == seen == [Place("/me/net.py", 2)]


def test_a_thread_without_a_users_line_has_no_place():
    seen = []
    thread = threading.Thread(target=map, args=(None, []))
    thread.run = lambda: None
    world = run("def work():\n    return place()\n", contextlib.__file__, "contextlib")
    thread = threading.Thread(target=lambda call=world["work"]: seen.append(call()))
    thread.start()
    thread.join()
    assert [place.file for place in seen] == [__file__]  # the lambda is a user's line
    seen.clear()
    thread = threading.Thread(target=_append, args=(seen, world["work"]))
    _append.__code__ = _append.__code__.replace(co_filename=contextlib.__file__)
    thread.start()
    thread.join()
    assert seen == [None]


def _append(seen, call):
    seen.append(call())


class Odd:
    """Compares and hashes by what ``__new__`` has not set yet."""

    def __eq__(self, other):
        return self.missing == other.missing

    def __hash__(self):
        return hash(self.missing)


def test_places_go_by_identity_and_hold_nothing_alive():
    places = Places()
    things = [Odd(), Odd()]
    places.created(things[0])
    here = places.place_of(things[0])
    assert here is not None
    assert linecache.getline(here.file, here.line).strip() == "places.created(things[0])"
    assert places.place_of(things[1]) is None
    assert places.compile_place(things[0]) is None
    things.clear()
    gc.collect()
    for _ in range(1000):  # one of these gets the address of the dead one
        assert places.place_of(Odd()) is None


def test_the_last_compile_counts():
    places, model = Places(), Odd()
    for line in (3, 5):
        run("\n" * (line - 1) + "places.compiled(model)", "/me/a.py", places=places, model=model)
    assert places.compile_place(model) == Place("/me/a.py", 5)
    assert places.files == {"/me/a.py"}


def test_empty_places_know_the_caller_only():
    places = Places()
    assert places.place_of(places) is None
    assert places.caller_place().file == __file__
