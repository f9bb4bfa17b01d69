"""DAT105: labels in another code than the loss reads."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

HEAD = (
    "import keras\nimport numpy as np\nfrom keras import layers\n"
    "from keras.utils import to_categorical\n"
    "from sklearn.preprocessing import LabelEncoder\n"
    "from sklearn.model_selection import train_test_split\n"
)


def script(labels: str, loss: str, fit: str = "model.fit(x, y)") -> str:
    return (
        f"{HEAD}{labels}\nmodel = keras.Sequential([layers.LSTM(4), layers.Dense(3)])\n"
        f"model.compile('adam', loss='{loss}')\n{fit}\n"
    )


SPARSE, ONE_HOT, BINARY = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
)
ENCODED = "encoder = LabelEncoder()\ny = encoder.fit_transform(names)"
SPLIT = "a, b, y, test = train_test_split(x, to_categorical(z), test_size=0.2)"
LOOP = "X, Y = [], []\nfor t in range(9):\n    Y.append(np.where(r[t] > 0, 1, -1))\ny = np.array(Y)"


@pytest.mark.parametrize(
    ("labels", "loss", "line", "cured"),
    [
        ("y = to_categorical(y)", SPARSE, 7, f"loss='{ONE_HOT}'"),
        ("y = to_categorical(y, 3)\ny = y[:900]", SPARSE, 7, f"loss='{ONE_HOT}'"),
        (SPLIT, SPARSE, 7, f"loss='{ONE_HOT}'"),
        ("y = np.argmax(rows, axis=1)", ONE_HOT, 7, f"loss='{SPARSE}'"),
        (ENCODED, ONE_HOT, 8, f"loss='{SPARSE}'"),
        ("y = LabelEncoder().fit_transform(names)", ONE_HOT, 7, f"loss='{SPARSE}'"),
        ("y = np.where(x > 0, 1, -1)", BINARY, 7, "np.where(x > 0, 1, 0)"),
        ("y = np.where(x > 0, 1, -1).astype('float32').reshape(-1, 1)", BINARY, 7, "1, 0)."),
        ("y = np.where(x > 0, -1, 1)", BINARY, 7, "np.where(x > 0, 0, 1)"),
        (LOOP, BINARY, 9, "np.where(r[t] > 0, 1, 0)"),
    ],
)
def test_labels_are_followed_from_fit_to_what_made_them(suspected, labels, loss, line, cured):
    source = script(labels, loss)
    (finding,) = suspected("DAT105", source)
    assert (finding.severity, finding.level, finding.location.line) == ("error", "suspected", line)
    edited = apply(source, finding.treatments[0].edits)
    assert cured in edited
    assert not suspected("DAT105", edited)


@pytest.mark.parametrize(
    ("labels", "loss", "fit"),
    [
        ("y = to_categorical(y)", ONE_HOT, "model.fit(x, y)"),
        ("y = to_categorical(y)", BINARY, "model.fit(x, y)"),
        (ENCODED, SPARSE, "model.fit(x, y)"),
        (ENCODED + "\ny = to_categorical(y)", ONE_HOT, "model.fit(x, y)"),
        ("y = to_categorical(y)\ny = y.argmax(-1)", SPARSE, "model.fit(x, y)"),
        ("y = np.where(x > 0, 1, 0)", BINARY, "model.fit(x, y)"),
        ("y = np.where(x > 0, 1, -1)", "mse", "model.fit(x, y)"),
        ("y = np.where(x > 0, high, low)", BINARY, "model.fit(x, y)"),
        # One-hot inputs are not labels.
        ("x = to_categorical(letters)", SPARSE, "model.fit(x, y)"),
        ("a, b, y, test = train_test_split(to_categorical(z), w)", SPARSE, "model.fit(a, y)"),
        ("y = to_categorical(y)", SPARSE, "model.fit(dataset)"),
    ],
)
def test_other_labels_are_left_alone(suspected, labels, loss, fit):
    assert not suspected("DAT105", script(labels, loss, fit))


CODES = np.arange(64) % 3


@pytest.mark.parametrize(
    ("y", "loss", "units", "found"),
    [
        (CODES % 2 * 2 - 1, BINARY, 1, True),
        (CODES % 2 + 1, BINARY, 1, True),
        (CODES % 2 * 255, BINARY, 1, True),
        (CODES % 2, BINARY, 1, False),
        (np.linspace(0, 1, 64), BINARY, 1, False),
        (CODES + 1, SPARSE, 3, True),
        (CODES, SPARSE, 2, True),
        (CODES - 1, SPARSE, 3, True),
        (CODES, SPARSE, 3, False),
        (np.eye(3)[CODES], SPARSE, 3, True),
        (CODES, ONE_HOT, 3, True),
        (CODES[:, None], ONE_HOT, 3, True),
        (np.eye(3)[CODES], ONE_HOT, 3, False),
        (np.eye(2)[np.eye(3)[CODES].astype(int)], ONE_HOT, 3, True),
        (CODES * 2 - 1, "mean_squared_error", 1, False),
    ],
)
def test_the_labels_of_a_run(written, y, loss, units, found):
    findings = written.judge("DAT105", y=y, loss=loss, units=units, skill=None)
    assert [one.severity for one in findings] == ["error"] * found


def test_the_run_points_at_what_made_the_labels(written):
    source = script("y = np.where(x > 0, 1, -1)", BINARY)
    words = {"y": CODES % 2 * 2 - 1, "loss": BINARY, "skill": None}
    lines = {"compile": 9, "fit": 10}
    (found,) = written.judge("DAT105", source=source, lines=lines, **words)
    assert found.location.line == 7
    assert "np.where(x > 0, 1, 0)" in apply(source, found.treatments[0].edits)
    assert (found.evidence["label_minimum"].value, found.evidence["label_maximum"].value) == (-1, 1)


def test_for_class_numbers_the_loss_changes(written):
    source = script(ENCODED, ONE_HOT)
    lines = {"compile": 10, "fit": 11}
    words = {"y": CODES, "loss": ONE_HOT, "units": 3, "skill": None}
    (found,) = written.judge("DAT105", source=source, lines=lines, **words)
    assert f"loss='{SPARSE}'" in apply(source, found.treatments[0].edits)
