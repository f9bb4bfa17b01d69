from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.observe.outcome import FailureFacts, LossProbeFacts

LABELS = np.arange(40) % 2
HALVES = np.full((40, 1), 0.5)


def script(body, name="mine", loss="mine"):
    """A script with one loss of its own, whose body starts in line 4."""
    return (
        "import keras\nfrom keras import layers, ops\n"
        f"def {name}(y_true, y_pred):\n{body}"
        "model = keras.Sequential([layers.LSTM(4), layers.Dense(1, 'sigmoid')])\n"
        f"model.compile('adam', loss={loss})\n"
    )


FLAT = [
    "    return ops.mean(ops.abs(y_true - ops.round(y_pred)))\n",
    "    hit = ops.cast(y_pred > 0.5, 'float32')\n    return 1 - ops.mean(hit * y_true)\n",
    "    same = ops.equal(ops.sign(y_true), ops.sign(y_pred))\n"
    "    return 1 - ops.mean(ops.cast(same, 'float32'))\n",
    "    p = ops.clip(y_pred, 0, 1)\n    p = ops.floor(p + 0.5)\n    return ops.sum(p - y_true)\n",
    "    return ops.mean(ops.cast(ops.cast(y_pred, 'int32') - y_true, 'float32'))\n",
    "    best = ops.argmax(y_pred, axis=-1)\n    return ops.mean(best - y_true)\n",
]
SMOOTH = [
    "    return ops.mean(ops.abs(y_true - y_pred))\n",
    "    big = ops.cast(y_true > 0.5, 'float32')\n    return ops.mean(big * ops.abs(y_pred))\n",
    "    d = y_true - y_pred\n    return ops.mean(ops.where(d > 0, 0.9 * d, -0.1 * d))\n",
    "    n = ops.cast(ops.shape(y_pred)[0], 'float32')\n    return ops.sum(y_true - y_pred) / n\n",
    "    d = y_true - y_pred\n    if True:\n        d = d * 2\n    return ops.mean(d * d)\n",
    "    total = 0.0\n    for k in range(2):\n        total += ops.mean((y_pred - y_true) ** 2)\n"
    "    return total\n",
]


@pytest.mark.parametrize("body", FLAT)
def test_a_gradient_that_ends_shows_in_the_source(suspected, body):
    (found,) = suspected("OUT108", script(body))
    assert found.severity == "error"
    assert 4 <= found.location.line <= 5


@pytest.mark.parametrize("body", SMOOTH)
def test_a_gradient_that_arrives_is_not_suspected(suspected, body):
    assert not suspected("OUT108", script(body))


def test_losses_as_class_and_as_closure_are_found(suspected):
    own_class = (
        "import keras\nfrom keras import layers, ops\n"
        "class Misses(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n"
        "        return ops.mean(ops.abs(y_true - ops.round(y_pred)))\n"
        "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile('adam', loss=Misses())\n"
    )
    closure = (
        "import keras\nfrom keras import layers, ops\n"
        "def misses(weight):\n    def loss(y_true, y_pred):\n"
        "        return weight * ops.mean(ops.abs(y_true - ops.round(y_pred)))\n    return loss\n"
        "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile('adam', loss=misses(2.0))\n"
    )
    assert [found.location.line for found in suspected("OUT108", own_class)] == [5]
    assert [found.location.line for found in suspected("OUT108", closure)] == [5]


def zero_probe(**facts):
    return LossProbeFacts("dense", None, None, True, **facts)


def test_a_flat_probe_and_still_gradients_are_an_error(judged):
    (found,) = judged(
        "OUT108", LABELS, loss="mine", custom=True, probe=zero_probe(), gradients=0.0,
        predictions=HALVES, skill=0.0, source=script(FLAT[0]), compile_line=6,
    )  # fmt: skip
    assert (found.severity, found.location.line) == ("error", 4)
    assert found.evidence["largest_gradient_norm"].value == 0.0
    assert "ops.round(y_pred)" in found.message


@pytest.mark.parametrize("message", [
    "No gradients provided for any variable.",
    "element 0 of tensors does not require grad and does not have a grad_fn",
])  # fmt: skip
def test_the_exception_of_a_backend_is_explained(judged, message):
    failure = FailureFacts("ValueError", message)
    (found,) = judged("OUT108", LABELS, loss="mine", custom=True, failure=failure, losses=[])
    assert found.evidence["exception"].value == "ValueError"
    assert not judged("OUT108", LABELS, failure=failure, losses=[])


def test_still_gradients_under_a_sound_loss_come_from_elsewhere(judged):
    sound = LossProbeFacts("dense", None, None, False)
    words = {"gradients": 0.0, "predictions": HALVES, "skill": 0.0}
    assert not judged("OUT108", LABELS, loss="mine", custom=True, probe=sound, **words)
    assert not judged("OUT108", LABELS, **words)


UNGUARDED = {
    "    return -ops.mean(y_true * ops.log(y_pred))\n": "ops.log(y_pred + 1e-7)",
    "    return ops.mean(ops.abs(y_true - y_pred) / y_true)\n": "/ (y_true + 1.0)",
    "    q = 1.0 - y_pred\n    return -ops.mean(ops.log(q))\n": "ops.log(q + 1e-7)",
    "    return ops.sum(ops.sqrt(ops.abs(y_true - y_pred)))\n": (
        "ops.sqrt(ops.abs(y_true - y_pred) + 1e-7)"
    ),
}
GUARDED = [
    "    return -ops.mean(y_true * ops.log(y_pred + 1e-7))\n",
    "    p = ops.clip(y_pred, 1e-7, 1 - 1e-7)\n    return -ops.mean(ops.log(p) + ops.log(1 - p))\n",
    "    return ops.mean(ops.abs(y_true - y_pred) / (ops.abs(y_true) + keras.config.epsilon()))\n",
    "    return ops.mean((y_true - y_pred) / ops.maximum(y_true, 1.0))\n",
    "    return ops.sqrt(ops.mean(ops.square(y_true - y_pred)))\n",
    "    return ops.mean(ops.log(ops.cosh(y_true - y_pred)))\n",
    "    return ops.mean((y_true - y_pred) ** 2) / 2.0\n",
]


@pytest.mark.parametrize("body", UNGUARDED)
def test_an_unguarded_edge_is_suspected_and_guarded(suspected, body):
    (found,) = suspected("OUT107", script(body))
    assert (found.severity, found.level) == ("warning", "suspected")
    (edit,) = found.treatments[0].edits
    assert UNGUARDED[body] in edit.new


@pytest.mark.parametrize("body", [*GUARDED, *SMOOTH])
def test_guarded_losses_are_not_suspected(suspected, body):
    assert not suspected("OUT107", script(body))


LOGLOSS = script("    return -ops.mean(y_true * ops.log(y_pred))\n")
BROKEN = LossProbeFacts("dense", 0.0, 1.0, False)


def test_a_run_that_met_the_edge_of_its_loss_is_explained(judged):
    course = [*np.linspace(0.7, 0.1, 12), *[np.nan] * 8]
    (found,) = judged(
        "OUT107", LABELS, loss="mine", custom=True, probe=BROKEN, losses=course, nonfinite_at=12,
        predictions=np.full((40, 1), np.nan), source=LOGLOSS, compile_line=6,
    )  # fmt: skip
    assert (found.severity, found.location.line) == ("error", 4)
    assert found.evidence["first_nonfinite_step"].value == 12
    assert found.evidence["prediction"].value == 0.0


def test_a_loss_that_blew_up_first_is_only_one_suspect(judged):
    course = [*np.geomspace(1.0, 1e9, 12), *[np.nan] * 8]
    (found,) = judged(
        "OUT107", LABELS, loss="mine", custom=True, probe=BROKEN, losses=course, nonfinite_at=12,
        predictions=np.full((40, 1), np.nan),
    )  # fmt: skip
    assert found.severity == "warning"


def test_what_stays_finite_or_had_bad_data_is_left_alone(judged):
    words = {"loss": "mine", "custom": True, "probe": BROKEN, "predictions": HALVES, "skill": 0.5}
    assert not judged("OUT107", LABELS, **words)
    bad = np.zeros((40, 5, 2))
    bad[3, 2, 1] = np.nan
    course = [0.7, *[np.nan] * 19]
    assert not judged("OUT107", LABELS, x=bad, losses=course, nonfinite_at=1, **words)
    sound = {**words, "probe": LossProbeFacts("dense", None, None, False)}
    assert not judged("OUT107", LABELS, losses=course, nonfinite_at=1, **sound)


def test_every_edge_of_a_loss_is_guarded_at_once(judged):
    source = script(
        "    both = y_true * ops.log(y_pred) + (1 - y_true) * ops.log(1 - y_pred)\n"
        "    return -ops.mean(both) + ops.mean(y_true / y_pred)\n"
    )
    (found,) = judged(
        "OUT107", LABELS, loss="mine", custom=True, probe=BROKEN, nonfinite_at=3,
        losses=[0.7] * 3 + [np.nan] * 9, source=source, compile_line=7,
        predictions=np.full((40, 1), np.nan),
    )  # fmt: skip
    changed = apply(source, found.treatments[0].edits).splitlines()
    assert changed[3].endswith("ops.log(y_pred + 1e-7) + (1 - y_true) * ops.log(1 - y_pred + 1e-7)")
    assert changed[4].endswith("ops.mean(y_true / (y_pred + 1.0))")
