"""Where targets part from inputs, in the ways that people cut windows."""

from __future__ import annotations

import pytest

from unstuck.case.facts import Place
from unstuck.case.script import Script
from unstuck.findings.data.origins import targets_made_at

HEAD = "import numpy as np\nimport keras\n"
MODEL = (
    "model = keras.Sequential([keras.layers.LSTM(4), keras.layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\n"
)


@pytest.mark.parametrize(
    ("body", "fit", "made"),
    [
        (
            "s = np.load('s.npy')\nx = np.stack([s[i:i+9] for i in range(90)])\ny = s[9:]\n"
            "a, b = x[:60], y[:60]\n",
            "model.fit(a, b)",
            "y = s[9:]",
        ),
        (
            "s = np.load('s.npy')\nX, Y = [], []\nfor i in range(90):\n    X.append(s[i:i+9])\n"
            "    Y.append(s[i+9])\nX, Y = np.array(X), np.array(Y)\n",
            "model.fit(X, Y)",
            "    Y.append(s[i+9])",
        ),
        (
            "def cut(s):\n    x = np.stack([s[i:i+9] for i in range(90)])\n    y = np.roll(s, 3)\n"
            "    return x, y\nx, y = cut(np.load('s.npy'))\n",
            "model.fit(x, y=y)",
            "    y = np.roll(s, 3)",
        ),
        (
            "from sklearn.model_selection import train_test_split\nz = np.load('z.npz')\n"
            "x = z['x']\nlabel = z['y'] - 1\na, b, c, d = train_test_split(x, label)\n",
            "model.fit(a, c)",
            "label = z['y'] - 1",
        ),
        ("", "model.fit(x, y)", "model.fit(x, y)"),
    ],
)
def test_targets_are_where_they_leave_what_inputs_are_made_of(body, fit, made):
    text = HEAD + body + MODEL + fit + "\n"
    lines = text.splitlines()
    place = targets_made_at(
        Place("train.py", len(lines)), {"train.py": Script.parse(text, "train.py")}
    )
    assert place is not None
    assert lines[place.line - 1] == made
