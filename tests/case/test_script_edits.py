"""Edits change the argument that they name, and not one other character."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.edits import (
    apply,
    insert_before,
    remove_argument,
    replace_call,
    set_argument,
)
from unstuck.case.script import Script
from unstuck.record import Edit

HEADER = "from keras import layers\n"


def only_call(source: str):
    script = Script.parse(source)
    (call,) = script.calls
    return script, call


CASES = [
    # name, source before, argument, new value, source after
    ("keyword", "layers.LSTM(8, activation='relu')", "activation", '"tanh"',
     "layers.LSTM(8, activation='tanh')"),
    ("double quotes", 'layers.LSTM(8, activation="relu")', "activation", '"tanh"',
     'layers.LSTM(8, activation="tanh")'),
    ("position", "layers.LSTM(8, 'relu')", "activation", '"tanh"', "layers.LSTM(8, 'tanh')"),
    ("first position", "layers.LSTM( 8 ,'relu')", "units", "16", "layers.LSTM( 16 ,'relu')"),
    ("added", "layers.LSTM(8)", "activation", '"tanh"', 'layers.LSTM(8, activation="tanh")'),
    ("added to nothing", "layers.Flatten()", "name", '"f"', 'layers.Flatten(name="f")'),
    ("added after a comma", "layers.LSTM(8,)", "dropout", "0.1", "layers.LSTM(8, dropout=0.1,)"),
    ("added behind parentheses", "layers.LSTM((8))", "dropout", "0.1",
     "layers.LSTM((8), dropout=0.1)"),
    ("letters of several bytes", "ä = 'ü'; layers.LSTM(8, name='größe', dropout=0.5)  # ß",
     "dropout", "0.1", "ä = 'ü'; layers.LSTM(8, name='größe', dropout=0.1)  # ß"),
    ("one a line", "layers.LSTM(\n    8,  # units\n    dropout=0.5,  # why\n)", "dropout", "0.1",
     "layers.LSTM(\n    8,  # units\n    dropout=0.1,  # why\n)"),
    ("one a line, added", "layers.LSTM(\n    8,  # units\n)", "dropout", "0.1",
     "layers.LSTM(\n    8,  # units\n    dropout=0.1,\n)"),
    ("one a line without comma, added", "layers.LSTM(\n    8  # units )\n)", "dropout", "0.1",
     "layers.LSTM(\n    8,  # units )\n    dropout=0.1,\n)"),
    ("aligned, added", "layers.LSTM(8,\n            dropout=0.5)", "name", '"a"',
     'layers.LSTM(8,\n            dropout=0.5, name="a")'),
    ("several lines to one", "layers.LSTM(\n    units=(\n        8\n        + 8\n    ),\n)",
     "units", "16", "layers.LSTM(\n    units=(\n        16\n    ),\n)"),
    ("value of several lines", "layers.Dense(1, kernel_initializer=dict(\n    a=1,\n    b=2,\n))",
     "kernel_initializer", '"zeros"', 'layers.Dense(1, kernel_initializer="zeros")'),
    ("spread dict, its own argument", "layers.LSTM(8, **more)", "units", "16",
     "layers.LSTM(16, **more)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
@pytest.mark.parametrize("around", ["{}", "x = [\n    {}\n]  # end", "if 1:\n\tm = f({})\n"])
def test_set_argument(before, name, value, after, around):
    around = around if "\n" not in before and ";" not in before else "{}"
    source = HEADER + around.format(before)
    script, call = only_call(source)
    edits = set_argument(call, script, name, value)
    assert apply(source, edits) == HEADER + around.format(after)
    assert all(script.lines[edit.line - 1] == edit.old for edit in edits if edit.old)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("layers.LSTM(*arguments)", "units"),
        ("layers.LSTM(8, **more)", "activation"),
        ("cfg = {'units': 8}\nlayers.LSTM(**cfg)", "units"),
        ("layers.Add(n for n in names)", "name"),
        ("f'{layers.LSTM(8)} ü {1}'", "units"),
    ],
)
def test_no_edit_where_none_is_safe(source, name):
    script, call = only_call(HEADER + source)
    edits = set_argument(call, script, name, "1")
    if edits:
        ast.parse(apply(HEADER + source, edits))
        assert Script.parse(apply(HEADER + source, edits)).calls[0].get(name).value == 1
    else:
        assert edits == ()


REMOVALS = [
    ("layers.LSTM(8, dropout=0.5)", "dropout", "layers.LSTM(8)"),
    ("layers.LSTM(8, dropout=0.5, name='a')", "dropout", "layers.LSTM(8, name='a')"),
    ("layers.LSTM(units=8, name='a')", "units", "layers.LSTM(name='a')"),
    ("layers.LSTM((8), name='a')", "units", "layers.LSTM(name='a')"),
    ("layers.LSTM(8, ('relu'))", "activation", "layers.LSTM(8)"),
    ("layers.LSTM(units=8)", "units", "layers.LSTM()"),
    ("layers.LSTM(units=8,)", "units", "layers.LSTM()"),
    ("layers.LSTM(8, 'relu', 'sigmoid')", "activation", None),
    ("layers.LSTM(8)", "dropout", None),
    (
        "layers.LSTM(\n    8,  # units\n    dropout=0.5,  # much\n    name='a',\n)",
        "dropout",
        "layers.LSTM(\n    8,  # units\n    name='a',\n)",
    ),
    (
        "layers.LSTM(\n    8,\n    dropout=0.5  # much\n)",
        "dropout",
        "layers.LSTM(\n    8,\n)",
    ),
    ("layers.LSTM(8,  # units\n            dropout=0.5)", "dropout",
     "layers.LSTM(8,  # units\n            )"),
    ("layers.LSTM(8,\n            dropout=0.5)", "dropout", "layers.LSTM(8)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "name", "after"), REMOVALS)
def test_remove_argument(before, name, after):
    script, call = only_call(HEADER + before)
    edits = remove_argument(call, script, name)
    if after is None:
        assert edits == ()
    else:
        assert apply(HEADER + before, edits) == HEADER + after


def test_replace_call_and_insert_before():
    source = HEADER + "def f():\n    x = layers.Softmax(\n        axis=-1\n    )(y)  # end\n"
    script, call = only_call(source)
    replaced = apply(source, replace_call(call, script, "layers.ReLU()"))
    assert replaced == HEADER + "def f():\n    x = layers.ReLU()(y)  # end\n"
    inserted = apply(source, insert_before(script, 3, "a = 1\nb = 2"))
    assert inserted == source.replace("    x =", "    a = 1\n    b = 2\n    x =")
    assert apply("a", insert_before(Script.parse("a"), 2, "b")) == "a\nb"


def test_line_ends_are_kept():
    source = HEADER.replace("\n", "\r\n") + "layers.LSTM(\r\n    8,\r\n)\r\nx = 1"
    script, call = only_call(source)
    edited = apply(source, set_argument(call, script, "dropout", "0.1"))
    assert edited == source.replace("    8,\r\n", "    8,\r\n    dropout=0.1,\r\n")


def test_a_line_may_come_where_one_goes():
    assert apply("a\nb\n", [Edit(1, "a", ""), Edit(2, "", "new")]) == "new\nb\n"
    assert apply("a\nb", [Edit(2, "b", ""), Edit(3, "", "new")]) == "a\nnew"


def test_an_edit_of_another_text_is_refused():
    with pytest.raises(ValueError, match="has changed"):
        apply("x = 2\n", [Edit(1, "x = 1", "x = 3")])
    with pytest.raises(ValueError, match="has changed"):
        apply("x = 2\n", [Edit(9, "x = 1", "x = 3")])


NAMES = ("units", "activation", "dropout", "name", "seed", "stateful")
VALUES = ("8", "'relu'", '"ü(,#"', "(1)", "None", "f(1, [2])", "[\n1,\n2]", "0.5 * (1 + 2)", "ä")
SPACES = st.sampled_from(["", " ", "\n    ", "  # note ), (\n  ", "\t"])


@st.composite
def calls(draw):
    """A call of LSTM with odd spacing, comments and parentheses, inside some other code."""
    names = draw(st.lists(st.sampled_from(NAMES[1:]), unique=True, max_size=4))
    positional = draw(st.integers(0, 2))
    parts = [draw(st.sampled_from(VALUES)) for _ in range(positional)]
    if positional == 2:
        names = [name for name in names if name != "activation"]
    parts += [
        f"{name}{draw(st.sampled_from(['=', ' = ']))}{draw(st.sampled_from(VALUES))}"
        for name in names
    ]
    inner = ""
    for index, part in enumerate(parts):
        comma = "," if index < len(parts) - 1 or draw(st.booleans()) else ""
        inner += draw(SPACES) + part + draw(SPACES) + comma
    inner += draw(SPACES)
    before = draw(st.sampled_from(["", "x = ", "é = '日本'; y = [0, ", "f(a)(\n"]))
    close = {"y": "]", "f": ")"}.get((before.partition("; ")[2] or before)[:1], "")
    return f"{HEADER}{before}layers.LSTM({inner}){close}  # end é\nz = 1  # keep\n"


def arguments(source: str) -> dict[str, str]:
    (node,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "layers.LSTM"
    )
    by_position = dict(zip(NAMES, map(ast.unparse, node.args), strict=False))
    return by_position | {part.arg: ast.unparse(part.value) for part in node.keywords}


def others(source: str) -> str:
    """The syntax of everything but the arguments of the call."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "layers.LSTM":
            node.args, node.keywords = [], []
    return ast.dump(tree)


@settings(max_examples=300, deadline=None)
@given(source=calls(), name=st.sampled_from(NAMES), value=st.sampled_from(["1", '"tanh"']))
def test_only_the_named_argument_changes(source, name, value):
    script = Script.parse(source)
    call = next(call for call in script.calls if call.kind == "LSTM")
    edits = set_argument(call, script, name, value)
    wanted = ast.unparse(ast.parse(value, mode="eval"))
    assert edits or arguments(source).get(name) == wanted
    edited = apply(source, edits)
    assert arguments(edited) == arguments(source) | {name: wanted}
    assert others(edited) == others(source)
    assert edited.endswith("z = 1  # keep\n")
    assert comments(edited) == comments(source)


@settings(max_examples=300, deadline=None)
@given(source=calls(), name=st.sampled_from(NAMES))
def test_only_the_named_argument_goes(source, name):
    script = Script.parse(source)
    call = next(call for call in script.calls if call.kind == "LSTM")
    edited = apply(source, remove_argument(call, script, name))
    before, after = arguments(source), arguments(edited)
    if after != before:
        assert after == {key: value for key, value in before.items() if key != name}
    assert others(edited) == others(source)


def comments(source: str) -> int:
    return source.count("# note") + source.count("# end é")


def test_dedent_is_what_the_cases_think_it_is():
    source = textwrap.dedent(
        """
        from keras import layers
        model.add(layers.LSTM(8))
        """
    )
    script, call = only_call(source)
    (edit,) = set_argument(call, script, "units", "9")
    assert edit == Edit(3, "model.add(layers.LSTM(8))", "model.add(layers.LSTM(9))")
