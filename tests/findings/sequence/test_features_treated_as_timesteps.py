"""SEQ107: columns of a table that are fed as steps."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings import standins as given

from unstuck.case.facts import LayerFacts, PaddingFacts
from unstuck.case.script import Script
from unstuck.observe.axes import axes

RNG = np.random.default_rng(0)
COUNT = 600
LSTM = LayerFacts("lstm", "LSTM", {})
EMBEDDING = LayerFacts("embedding", "Embedding", {})
HEAD = "import numpy as np\nimport pandas as pd\nimport keras\nfrom keras import layers\n"
TAIL = (
    "model = keras.Sequential([keras.Input((5, 1)), layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
)


def table() -> np.ndarray:
    columns = [
        RNG.normal(40, 12, COUNT),
        RNG.integers(0, 2, COUNT),
        RNG.exponential(size=COUNT),
        RNG.integers(0, 4, COUNT),
        RNG.normal(size=COUNT),
        RNG.integers(0, 2, COUNT),
        RNG.uniform(0, 9, COUNT),
    ]
    return np.stack(columns, axis=1)


def noise() -> np.ndarray:
    return RNG.normal(size=(COUNT, 24))


def walks(steps: int = 20) -> np.ndarray:
    return np.cumsum(RNG.normal(size=(COUNT, steps)), axis=1)


def windows(series: np.ndarray, steps: int) -> np.ndarray:
    return RNG.permutation(np.lib.stride_tricks.sliding_window_view(series, steps))


def beats() -> np.ndarray:
    shape = np.exp(-((np.arange(40) - 20) ** 2) / 20)
    return shape * (1 + 0.2 * RNG.normal(size=(COUNT, 1))) + 0.1 * RNG.normal(size=(COUNT, 40))


def season() -> np.ndarray:
    """Spikes every five steps, of a size of their own in each sample, in noise."""
    size = RNG.normal(size=(COUNT, 2))
    spikes = np.zeros((COUNT, 30))
    spikes[:, ::5], spikes[:, 2::5] = size[:, :1], 0.6 * size[:, :1] + 0.3 * size[:, 1:]
    return spikes + 0.5 * RNG.normal(size=spikes.shape)


def padded() -> np.ndarray:
    made = RNG.normal(size=(COUNT, 20))
    made[np.arange(20) >= RNG.integers(3, 20, COUNT)[:, None]] = 0
    return made


def digits() -> np.ndarray:
    """Blots on an empty ground, line after line."""
    centre = RNG.uniform(3, 9, (COUNT, 2, 1))
    near = np.exp(-((np.arange(12) - centre) ** 2) / 4)
    blots = (255 * near[:, 0, :, None] * near[:, 1, None, :]).round()
    return np.where(blots > 30, blots, 0).reshape(COUNT, -1)[:, :120]


def judge(x, y=None, *, layers=(LSTM,), source=None, array=None, **words):
    goal = RNG.normal(size=len(x)) if y is None else y
    scripts = {"train.py": Script.parse(source, "train.py")} if source else {}
    return given.judge(
        "SEQ107",
        inputs=(array or given.array(shape=(len(x), x.shape[1], 1)),),
        outcome=given.outcome(axes=(axes(x[..., None], None, 0, goal),)),
        model=given.model(*layers),
        progress=given.progress(**{"skill": 0.1, "signal": 0.9} | words),
        fit=given.fit(place=None),
        scripts=scripts,
    )


@pytest.mark.parametrize("scaled", [False, True])
def test_columns_of_several_kinds(scaled):
    values = table()
    values = (values - values.mean(axis=0)) / values.std(axis=0) if scaled else values
    (found,) = judge(values)
    assert found.severity == "error"
    assert "each holds values of its own kind" in found.message
    assert found.evidence["explained_by_control"].value == 0.9


def test_columns_alike_of_which_some_here_and_there_decide():
    values = noise()
    (found,) = judge(values, values[:, 3] - values[:, 17] + values[:, 8] - 0.7 * values[:, 21])
    assert found.severity == "error"
    assert "scattered" in found.message


@pytest.mark.parametrize(
    ("skill", "signal", "severity"),
    [(0.9, 0.95, "note"), (0.45, 0.5, "warning"), (0.1, 0.05, "note"), (0.1, 0.9, "error")],
)
def test_it_is_as_grave_as_what_the_network_misses(skill, signal, severity):
    found = judge(table(), skill=skill, signal=signal)
    assert [one.severity for one in found] == [severity]


@pytest.mark.parametrize(
    ("values", "goal"),
    [
        (noise(), None),
        (walks(), None),
        (walks(5), None),
        (windows(np.cumsum(RNG.normal(size=900)), 12), None),
        (windows(RNG.normal(size=900), 12), None),
        (windows(RNG.integers(0, 9, 900) * 1.0, 12), None),
        (beats(), None),
        (waves := season(), waves[:, 0]),
        (padded(), None),
        (digits(), None),
        (RNG.integers(0, 9, (COUNT, 12)) * 1.0, None),
    ],
    ids=[
        *("noise", "walks", "short walks", "windows", "windows of noise", "windows of counts"),
        *("beats", "season", "padded", "digits", "codes"),
    ],
)
def test_real_sequences_are_left_alone(values, goal):
    assert not judge(values, goal)


@pytest.mark.parametrize(
    "weights", [np.ones(24), 0.7 ** np.arange(24), np.eye(24)[5], np.eye(24)[2::7].sum(axis=0)]
)
def test_noise_whose_past_is_asked_for_is_left_alone(weights):
    values = noise()
    assert not judge(values, values @ weights)


@pytest.mark.parametrize("fades", [1.0, 0.97, 0.93])
def test_a_long_past_in_which_chance_lifts_some_steps_is_left_alone(fades):
    values = np.random.default_rng(79).normal(size=(COUNT, 60))
    assert not judge(values, values @ fades ** np.arange(60))


def test_other_models_and_padded_inputs_are_left_alone():
    assert not judge(table(), layers=(EMBEDDING, LSTM))
    assert not judge(table(), layers=())
    assert not judge(table(), layers=(LayerFacts("lstm", "LSTM", {}, (None, 7, 12)),))
    assert judge(table(), layers=(LayerFacts("lstm", "LSTM", {}, (None, 7, 1)),))
    padding = PaddingFacts(0.0, 0.4, 0.0, 0.9, 0.0, True)
    assert not judge(table(), array=given.array(shape=(COUNT, 7, 1), padding=padding))
    # A last column that is often zero is no padding.
    zeros = PaddingFacts(0.0, 0.16, 0.0, 0.6, 0.0, True)
    assert judge(table(), array=given.array(shape=(COUNT, 7, 1), padding=zeros))


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("t = df[['age', 'income', 'rooms']].values\nx = t.reshape(len(t), 3, 1)\n", 6),
        (
            "NAMES = ['age', 'income', 'rooms']\nt = scaler.fit_transform(df[NAMES])\n"
            "x = np.expand_dims(t, -1)\n",
            7,
        ),
        (
            "from sklearn.datasets import load_wine\nt, y = load_wine(return_X_y=True)\n"
            "x, v, y, w = train_test_split(t, y)\nx = x[..., np.newaxis]\n",
            8,
        ),
        (
            "from sklearn.datasets import load_iris\nt = load_iris().data\n"
            "x = t.reshape((t.shape[0], t.shape[1], 1))\n",
            7,
        ),
    ],
)
def test_tables_that_become_steps(suspected, lines, line):
    (found,) = suspected("SEQ107", HEAD + lines + TAIL)
    assert (found.severity, found.level, found.location.line) == ("warning", "suspected", line)


@pytest.mark.parametrize(
    "lines",
    [
        "t = df[['lag_1', 'lag_2', 'lag_3']].values\nx = t.reshape(len(t), 3, 1)\n",
        "t = df[['t-3', 't-2', 't-1']].values\nx = t.reshape(len(t), 3, 1)\n",
        "t = df['load'].values\nx = t.reshape(-1, 24, 1)\n",
        "x = np.loadtxt('beats.csv')[:, :, None]\n",
        "t = df[['heat', 'rain', 'wind']].values\n"
        "x = np.array([t[i:i + 24] for i in range(len(t) - 24)])\n",
        "t = df[['heat', 'rain', 'wind']].values\nx, y = [], []\nfor i in range(9):\n"
        "    x.append(t[i:i + 24])\nx = np.array(x).reshape(-1, 24, 1)\n",
    ],
)
def test_lags_series_and_windows_are_no_tables(suspected, lines):
    assert not suspected("SEQ107", HEAD + lines + TAIL)


def test_columns_with_names_are_a_table_also_where_the_values_do_not_show_it():
    source = HEAD + "t = df[['age', 'income', 'rooms']].values\nx = t[..., None]\n" + TAIL
    values = noise()
    judged = given.judge(
        "SEQ107",
        inputs=(given.array(shape=(COUNT, 24, 1)),),
        outcome=given.outcome(axes=(axes(values[..., None], None),)),
        model=given.model(LSTM),
        progress=given.progress(skill=0.1, signal=0.9),
        fit=given.fit(place=given.Place("train.py", 9)),
        scripts={"train.py": Script.parse(source, "train.py")},
    )
    assert [(one.severity, one.location.line) for one in judged] == [("error", 6)]
