"""What the reader knows of names, arguments and calls, and what it leaves unknown."""

from __future__ import annotations

import ast
import textwrap

import pytest

from unstuck.case.reading.reader import STEP_LIMIT
from unstuck.case.script import UNKNOWN, Script
from unstuck.errors import UsageError


def read(source: str) -> Script:
    return Script.parse(
        "import keras\nfrom keras import layers\n" + textwrap.dedent(source), "t.py"
    )


def units(source: str):
    """The units of the one layer that a source makes."""
    (call,) = [call for call in read(source).calls if call.layer]
    return call.get("units")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("layers.Dense(3)", 3),
        ("n = 3\nlayers.Dense(n)", 3),
        ("n = 2 ** 5 // 3 % 7\nlayers.Dense(n)", 3),
        ("a, (b, *c) = 1, (2, 3, 4)\nlayers.Dense(c[0])", 3),
        ("a = b = 2\na += 1\nlayers.Dense(a)", 3),
        ("cfg = {'model': {'units': 3}}\nlayers.Dense(cfg['model']['units'])", 3),
        ("cfg = {}\ncfg['units'] = 3\nlayers.Dense(cfg.get('units', 9))", 3),
        ("cfg = dict(units=9)\ncfg.update(units=3)\nlayers.Dense(**cfg)", 3),
        ("cfg = {**{'a': 1}, 'units': 3}\nlayers.Dense(cfg['units'])", 3),
        ("layers.Dense(cfg.get('units', 3)) if (cfg := {}) == {} else None", 3),
        ("layers.Dense(int('3'))", 3),
        ("layers.Dense(max(1, min(3, 5)))", 3),
        ("layers.Dense(len([0] * 3))", 3),
        ("def f(n, k=1):\n    return n + k\nlayers.Dense(f(2))", 3),
        ("f = lambda n: n * 3\nlayers.Dense(f(1))", 3),
        ("def f(*args, **kw):\n    return args[1] + kw['k']\nlayers.Dense(f(0, 1, k=2))", 3),
        ("if 1 < 2 <= 2 and not []:\n    n = 3\nelse:\n    n = 4\nlayers.Dense(n)", 3),
        ("n = None\nlayers.Dense(n or 3)", 3),
        ("n = None\nif n is None:\n    n = 3\nlayers.Dense(n)", 3),
        ("task = 'seq'\nn = 3 if task.upper() == 'SEQ' else 4\nlayers.Dense(n)", 3),
        ("for a, b in zip([1], [3]):\n    layers.Dense(b)", 3),
        ("import os\nlayers.Dense(int(os.environ.get('UNITS', 3)))", 3),
        ("from types import SimpleNamespace\nc = SimpleNamespace(u=3)\nlayers.Dense(c.u)", 3),
        ("class C:\n    u = 3\n    @property\n    def v(self):\n        return self.u\n"
         "layers.Dense(C().v)", 3),
        ("class A:\n    def n(self):\n        return 1\nclass B(A):\n    def n(self):\n"
         "        return super().n() + 2\nlayers.Dense(B().n())", 3),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    a: int\n    u: int = 3\n"
         "layers.Dense(P(1).u)", 3),
        ("n = 1\ndef f():\n    global n\n    n = 3\nf()\nlayers.Dense(n)", 3),
        ("try:\n    n = 3\nexcept ValueError:\n    n = 4\nlayers.Dense(n)", 3),
        ("with open('x') as f:\n    n = 3\nlayers.Dense(n)", 3),
        ("i = 0\nwhile True:\n    n = 3\n    break\nlayers.Dense(n)", 3),
        ("shape = (5, 3)\nlayers.Dense(shape[-1])", 3),
        ("layers.Dense([1, 2, 3][1:][1])", 3),
        ("layers.Dense({i: i + 1 for i in range(5)}[2])", 3),
        ("layers.Dense(units='3')", "3"),
    ],
)  # fmt: skip
def test_a_constant_is_followed_to_where_it_is_used(source, expected):
    found = units(source)
    assert found.known
    assert found.value == expected


@pytest.mark.parametrize(
    "source",
    [
        "layers.Dense(n)",
        "import numpy as np\nlayers.Dense(np.load('x').shape[1])",
        "import config\nlayers.Dense(config.UNITS)",
        "from config import UNITS\nlayers.Dense(UNITS)",
        "def f(n):\n    layers.Dense(n)",
        "layers.Dense(10 ** 10 ** 10)",
        "layers.Dense('a' * 10 ** 9)",
        "layers.Dense(1 / 0)",
        "layers.Dense(int(input()))",
        "for n in sizes():\n    layers.Dense(n)",
        "layers.Dense(*args)",
        "layers.Dense(**settings)",
        "n = 3 if condition() else 4\nlayers.Dense(n)",
        "cfg = {}\ncfg[key()] = 4\nlayers.Dense(cfg['units'])",
    ],
)
def test_what_is_not_in_the_source_is_unknown(source):
    assert not units(source).known


def test_a_condition_that_is_not_known_leaves_alternatives():
    found = units("import sys\nn = 3 if len(sys.argv) > 1 else 4\nlayers.Dense(n)")
    assert [option.value for option in found.alternatives] == [3, 4]
    assert found.value is UNKNOWN


def test_a_partly_known_shape_keeps_what_is_known():
    script = read("import numpy as np\nx = np.load('x')\nkeras.Input(shape=(1, x.shape[2]))")
    shape = script.calls[0].get("shape")
    assert shape.value == (1, UNKNOWN)
    assert not shape.known
    assert shape.items[0].known


def test_a_value_points_to_where_it_is_written():
    script = read("lr = 0.1\n\nopt = keras.optimizers.Adam(lr)\n")
    rate = script.calls[0].get("learning_rate")
    assert (rate.place.file, rate.place.line) == ("t.py", 3)
    assert isinstance(rate.node, ast.Constant)
    assert script.calls[0].place.line == 5


def test_arguments_by_position_get_their_names():
    script = read(
        """
        m = keras.Sequential([layers.LSTM(8, "relu", "sigmoid"), layers.Embedding(10, 4)])
        m.compile("adam", "mse", None, ["mae"])
        m.fit(x, y, 16, 5, 2, [keras.callbacks.EarlyStopping("loss", 0.1, 3)], 0.1)
        """
    )
    lstm, embedding, _, compiled, stopping, fit = script.calls
    assert lstm.get("recurrent_activation").value == "sigmoid"
    assert embedding.get("output_dim").value == 4
    assert compiled.get("metrics").value == ["mae"]
    assert stopping.get("patience").value == 3
    assert fit.get("epochs").value == 5
    assert fit.get("callbacks").value == [stopping]
    assert fit.get("validation_split").value == 0.1
    assert fit.get("shuffle", True).value is True


def test_keras_objects_are_known_and_named():
    script = read(
        """
        import tensorflow as tf
        def mine(y_true, y_pred):
            return y_true - y_pred
        class Custom(keras.losses.Loss):
            pass
        layers.Dense(1, activation=tf.nn.softmax)
        layers.Dense(1, activation=keras.activations.relu)
        m = keras.Sequential()
        m.compile(keras.optimizers.SGD(0.1), mine)
        m.compile(loss=Custom(reduction="sum"))
        """
    )
    first, second = (call for call in script.calls if call.kind == "Dense")
    assert first.get("activation").name == "softmax"
    assert second.get("activation").value.path == "keras.activations.relu"
    one, other = (call for call in script.calls if call.kind == "compile")
    assert one.get("optimizer").known
    assert one.get("optimizer").call.get("learning_rate").value == 0.1
    assert one.get("loss").name == "mine"
    assert isinstance(one.get("loss").value.definition, ast.FunctionDef)
    assert other.get("loss").call.kind == "Custom"
    assert isinstance(other.get("loss").call.definition, ast.ClassDef)


def test_other_libraries_are_recorded_but_not_taken_for_keras():
    script = read(
        """
        import numpy as np
        from sklearn.preprocessing import MinMaxScaler
        from sklearn.linear_model import LogisticRegression
        scaler = MinMaxScaler((-1, 1))
        x = scaler.fit_transform(np.load("x.npy"))
        x = np.reshape(x, (x.shape[0], 1, x.shape[1]))
        LogisticRegression().fit(x, y)
        """
    )
    assert script.calls == ()
    paths = [call.path for call in script.foreign]
    assert "numpy.reshape" in paths
    assert "sklearn.preprocessing.MinMaxScaler.fit_transform" in paths
    assert script.models == ()


def test_a_model_from_elsewhere_is_known_by_how_it_is_trained():
    script = read(
        """
        from models import build
        model = build(3)
        model.compile(optimizer="adam", loss="mse")
        model.fit(x, y, epochs=3)
        """
    )
    (model,) = script.models
    assert model.kind == "unknown"
    assert model.loss.name == "mean_squared_error"
    assert model.fits[0].get("epochs").value == 3


def test_loops_and_conditions_around_a_call_are_noted():
    script = read(
        """
        import sys
        m = keras.Sequential([layers.LSTM(2, stateful=True)])
        for epoch in range(100):
            m.fit(x, y, epochs=1, shuffle=False)
            m.reset_states()
        if len(sys.argv) > 2:
            m.add(layers.Dense(4))
        """
    )
    (model,) = script.models
    (fit,) = model.fits
    assert isinstance(fit.loop, ast.For)
    assert [layer.maybe for layer in model.layers] == [False, True]
    assert "reset_states" in [call.kind for call in script.calls]


def test_what_the_script_sets_on_a_layer_is_kept():
    script = read(
        """
        base = layers.LSTM(2)
        base.trainable = False
        m = keras.Sequential([base, layers.Dense(1, name="out")])
        for layer in m.layers[:1]:
            layer.seen = 1
        m.get_layer("out").trainable = False
        """
    )
    lstm, dense = script.models[0].layers
    assert lstm.attributes["trainable"].value is False
    assert lstm.attributes["seen"].value == 1
    assert dense.attributes["trainable"].value is False


def test_functional_layers_know_their_inputs():
    script = read(
        """
        a = keras.Input((3, 1))
        b = layers.LSTM(2, return_sequences=True)(a)
        c = layers.Dense(1)(b[:, -1] * 2)
        d = layers.Concatenate()([b, c])
        m = keras.Model(a, d)
        """
    )
    given, lstm, dense, joined = script.models[0].layers
    assert lstm.inputs == (given,)
    assert dense.inputs == (lstm,)
    assert joined.inputs == (lstm, dense)


def test_wrapped_layers_know_their_wrapper():
    script = read("m = keras.Sequential([layers.Bidirectional(layers.LSTM(2))])")
    wrapper, inner = script.models[0].layers
    assert inner.inside is wrapper
    assert wrapper.holds == (inner,)
    assert wrapper.inside is None


def test_several_outputs_have_their_own_losses():
    script = read(
        """
        a = keras.Input((3, 1))
        h = layers.GRU(2)(a)
        price = layers.Dense(1, name="price")(h)
        side = layers.Dense(2, activation="softmax", name="side")(h)
        m = keras.Model(a, [price, side])
        m.compile("adam", loss={"side": "categorical_crossentropy", "price": "mse"})
        n = keras.Model(a, [price, side])
        n.compile("adam", loss=["mae", keras.losses.CategoricalCrossentropy(from_logits=True)])
        """
    )
    first, second = script.models
    assert [head.loss.name for head in first.heads] == [
        "mean_squared_error",
        "categorical_crossentropy",
    ]
    assert [head.loss.from_logits for head in second.heads] == [None, True]


def test_either_branch_may_build_the_head():
    script = read(
        """
        import sys
        n = int(sys.argv[1])
        m = keras.Sequential([keras.Input((3, 1)), layers.LSTM(4)])
        if n == 2:
            m.add(layers.Dense(1, activation="sigmoid"))
            m.compile("adam", "binary_crossentropy")
        else:
            m.add(layers.Dense(n, activation="softmax"))
            m.compile("adam", "sparse_categorical_crossentropy")
        """
    )
    (model,) = script.models
    assert [head.activation for head in model.heads] == ["sigmoid", "softmax"]
    assert [head.loss for head in model.heads] == [None, None]


def test_a_call_is_found_by_its_line():
    script = read(
        """
        m = keras.Sequential([
            layers.Bidirectional(
                layers.LSTM(
                    4,
                ),
            ),
            layers.Dense(1),
        ])
        """
    )
    assert script.call_at(7).kind == "LSTM"
    assert script.call_at(7, "Bidirectional").kind == "Bidirectional"
    assert script.call_at(10).kind == "Dense"
    assert script.call_at(4).kind == "Sequential"
    assert script.call_at(7, "GRU") is None
    assert script.call_at(99) is None


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("m.fit(x, y)", True),
        ("h = m.fit(x, y)", True),
        ("def main():\n    m.fit(x, y)\nif __name__ == '__main__':\n    main()", True),
        ("for _ in range(9):\n    m.fit(x, y)", True),
        ("m.fit(x, y)\nm.save('m.keras')", False),
        ("def main():\n    m.fit(x, y)", False),
        ("pass", False),
    ],
)
def test_whether_the_script_ends_in_fit(end, expected):
    assert read(f"m = keras.Sequential([layers.LSTM(2)])\n{end}").ends_in_fit is expected


def test_recursion_and_depth_end():
    read("def f(n):\n    return f(n - 1)\nlayers.Dense(f(3))")
    read("x = " + "+".join("1" for _ in range(600)))
    read("def f():\n    return g()\ndef g():\n    return f()\nlayers.Dense(f())")
    loops = "".join("    " * depth + f"for a{depth} in range(16):\n" for depth in range(9))
    read(loops + "    " * 9 + "x = layers.Dense(1)")


@pytest.mark.parametrize("text", ["print 'python 2'", "def f(:\n", "x = (", "\0"])
def test_what_is_not_python_is_a_usage_error(text, tmp_path):
    path = tmp_path / "t.py"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"t\.py"):
        Script.read(path)


def test_the_error_names_the_line():
    with pytest.raises(UsageError, match="line 3"):
        Script.parse("x = 1\n\ny = = 2\n", "t.py")


def test_files_with_other_encodings_and_line_ends_are_read(tmp_path):
    path = tmp_path / "t.py"
    path.write_bytes("# coding: latin-1\r\nname = 'Größe'\r\n".encode("latin-1"))
    script = Script.read(path)
    assert script.names["name"].value == "Größe"
    assert script.lines[1] == "name = 'Größe'"
    path.write_bytes("\ufeffx = 'ü'\n".encode())
    assert Script.read(path).names["x"].value == "ü"
    path.write_bytes(b"x = '\xff'\n")
    with pytest.raises(UsageError):
        Script.read(path)
    with pytest.raises(UsageError, match="no-such-file"):
        Script.read(tmp_path / "no-such-file.py")


def test_a_long_table_does_not_keep_the_rest_from_being_read():
    table = "1, " * (STEP_LIMIT + 1)
    script = Script.parse(f"import keras\ntable = [{table}]\nmodel = keras.Sequential()\n")
    assert len(script.models) == 1


GROWN = {
    "a list": "n = []\nfor line in open('x'):\n    n.append(line)\nlayers.LSTM(len(n))",
    "a list in while": "n = [1]\nwhile True:\n    n.append(1)\nlayers.LSTM(len(n))",
    "a list in one branch": "n = [1]\nif f():\n    n.append(2)\nlayers.LSTM(len(n))",
    "a set": "n = {'a'}\nfor c in open('x'):\n    n.add(c)\nlayers.LSTM(len(n))",
    "what is made of it": (
        "n = []\nfor c in f():\n    n.append(c)\nm = [c.name for c in n]\nlayers.LSTM(len(m))"
    ),
    "a copy of it": "n = []\nfor c in f():\n    n.append(c)\nlayers.LSTM(len(list(n)))",
    "a sum with it": "n = []\nfor c in f():\n    n.append(c)\nlayers.LSTM(len(n + [1]))",
    "a part of it": "n = []\nfor c in f():\n    n.append(c)\nlayers.LSTM(len(n[:5]))",
    "a dict of it": (
        "n = []\nfor c in f():\n    n.append(c)\nd = {c: i for i, c in enumerate(n)}\n"
        "layers.LSTM(len(d))"
    ),
    "a dict": "n = {}\nfor c in f():\n    n[c] = len(n)\nlayers.LSTM(len(n))",
    "a counter": "n = 0\nfor c in f():\n    n += 1\nlayers.LSTM(n)",
    "a counter written out": "n = 0\nfor c in f():\n    n = n + 1\nlayers.LSTM(n)",
    "a counter of an object": (
        "class A: pass\na = A()\na.n = 0\nfor c in f():\n    a.n += 1\nlayers.LSTM(a.n)"
    ),
    "a list of an object": (
        "class A:\n    def __init__(self):\n        self.n = []\n"
        "        for c in f():\n            self.n.append(c)\nlayers.LSTM(len(A().n))"
    ),
    "through a function": (
        "n = []\ndef add(c):\n    n.append(c)\nfor c in f():\n    add(c)\nlayers.LSTM(len(n))"
    ),
    "letters that differ": "layers.LSTM(len(set('aab')))",
}


@pytest.mark.parametrize("source", GROWN.values(), ids=GROWN.keys())
def test_what_grows_an_unknown_number_of_times_has_no_known_size(source):
    assert units(source).value is UNKNOWN


KEPT = {
    "a loop of known rounds": (
        "n = []\nfor c in ('a', 'b'):\n    n.append(c)\nlayers.LSTM(len(n))",
        2,
    ),
    "a counter of known rounds": ("n = 0\nfor c in 'abc':\n    n += 1\nlayers.LSTM(n)", 3),
    "a list that each round makes": (
        "for fold in f():\n    n = []\n    n.append(1)\n    n.append(2)\n    layers.LSTM(len(n))",
        2,
    ),
    "a counter that each round starts": (
        "for fold in f():\n    n = 4\n    n *= 2\n    layers.LSTM(n)",
        8,
    ),
    "a function that each round calls": (
        "def build(n):\n    n *= 2\n    sizes = [n]\n    sizes.append(3)\n"
        "    return layers.LSTM(sizes[0] + len(sizes))\n"
        "for fold in f():\n    build(4)",
        10,
    ),
}


@pytest.mark.parametrize(("source", "size"), KEPT.values(), ids=KEPT.keys())
def test_what_grows_a_known_number_of_times_keeps_its_size(source, size):
    assert units(source).value == size


def test_layers_that_an_unknown_loop_stacks_are_still_seen():
    script = read(
        """
        stack = [keras.Input((9, 2))]
        for _ in range(depth):
            stack.append(layers.LSTM(4, return_sequences=True))
        stack += [layers.LSTM(4), layers.Dense(1, activation="softmax")]
        model = keras.Sequential(stack)
        """
    )
    (model,) = script.models
    assert [layer.kind for layer in model.layers] == ["Input", "LSTM", "LSTM", "Dense"]
    assert [head.units for head in model.heads] == [1]


def test_sections_of_keras_that_tensorflow_has_itself_are_those_of_keras():
    script = Script.parse(
        "import tensorflow as tf\n"
        "m = tf.keras.Sequential([tf.keras.layers.LSTM(4)])\n"
        "m.compile(tf.optimizers.Adam(0.5), tf.losses.Huber())\n"
        "x = tf.data.Dataset.range(3)\n"
    )
    (model,) = script.models
    assert model.compile.get("optimizer").call.path == "keras.optimizers.Adam"
    assert model.loss.name == "huber"
    assert [call.path for call in script.foreign] == ["tensorflow.data.Dataset.range"]
