"""GEN101: validation loss that rises while training loss falls."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

SOURCE = (
    "from keras import callbacks, layers, models\nmodel = models.Sequential([layers.LSTM(4)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y, validation_split=0.2, epochs=12)\n"
)


def logs(held: list[float], train: list[float] | None = None) -> tuple[dict[str, float], ...]:
    falling = np.linspace(1.0, 0.01, len(held)) if train is None else train
    return tuple({"loss": float(a), "val_loss": b} for a, b in zip(falling, held, strict=True))


TURNED = [1.0, 0.8, 0.6, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]


def test_a_curve_that_turned(written):
    words = {"logs": logs(TURNED), "skill": 0.99, "held_out": 0.0}
    (found,) = written.judge("GEN101", source=SOURCE, lines={"fit": 4}, **words)
    assert (found.severity, found.location.line) == ("error", 4)
    assert found.evidence["best_epoch"].value == 4
    assert found.evidence["best_validation_loss"].value == 0.5
    # Of the gain of 0.5 over the constant's 1.0, the median of the last three epochs lost 0.6.
    assert found.evidence["validation_gain_lost"].value == pytest.approx((1.1 - 0.5) / 0.5)
    cured = apply(SOURCE, found.treatments[0].edits)
    assert "callbacks=[callbacks.EarlyStopping(patience=5, restore_best_weights=True)]" in cured


@pytest.mark.parametrize(
    ("accuracies", "loss", "severity"),
    [
        ((0.87, 0.88), 0.66, "warning"),
        ((0.87, 0.60), 0.66, "error"),
        ((0.87, 0.88), 1.2, "error"),  # sure of its mistakes, and there are many
    ],
)
def test_cross_entropy_that_rises_while_as_many_classes_are_right(
    written, accuracies, loss, severity
):
    curve = [*np.linspace(1.0, 0.5, 4), *np.linspace(0.5, loss, 8)]
    right = [*np.linspace(0.5, accuracies[0], 4), *np.linspace(*accuracies, 8)]
    told = tuple(
        {**log, "val_accuracy": share} for log, share in zip(logs(curve), right, strict=True)
    )
    found = written.judge("GEN101", logs=told, skill=0.99, held_out=0.0)
    assert [one.severity for one in found] == [severity]


def test_callbacks_that_are_there_are_not_touched(written):
    source = SOURCE.replace("epochs=12", "callbacks=mine")
    words = {"logs": logs(TURNED), "skill": 0.99, "held_out": 0.0}
    (found,) = written.judge("GEN101", source=source, lines={"fit": 4}, **words)
    assert found.treatments[0].edits == ()


@pytest.mark.parametrize(
    "curve",
    [
        [1.0, 0.8, 0.6, 0.5, 0.45, 0.42, 0.41, 0.40, 0.40, 0.41, 0.40, 0.41],
        # Noise as large as the rise.
        [1.0, 0.5, 0.7, 0.45, 0.7, 0.5, 0.75, 0.5, 0.7, 0.5, 0.72, 0.5],
        [1.0, 0.5, 0.9],
    ],
)
def test_curves_that_say_nothing(written, curve):
    assert not written.judge("GEN101", logs=logs(curve), skill=0.99, held_out=0.5)


def test_a_training_loss_that_rises_too_is_no_overfitting(written):
    both = logs(TURNED, [value * 0.9 for value in TURNED])
    assert not written.judge("GEN101", logs=both, skill=0.5, held_out=0.0)


# With one constant as control, a held-out skill of 0.5 is a loss of 0.5: that of the best epoch.
BEST, LAST = 0.5, -0.2


@pytest.mark.parametrize("callback", ["EarlyStopping", "KeepBest"])
def test_best_weights_that_were_put_back_answer_it(written, callback):
    fit = {"callbacks": (callback,), "epochs": 60}
    words = {"logs": logs(TURNED), "skill": 0.99, "fit": fit}
    assert not written.judge("GEN101", held_out=BEST, **words)
    assert written.judge("GEN101", held_out=LAST, **words)


def test_without_a_callback_nothing_was_put_back(written):
    # A loss that carries a weight penalty lies above that of the predictions.
    words = {"logs": logs(TURNED), "skill": 0.99, "held_out": BEST}
    assert [found.severity for found in written.judge("GEN101", **words)] == ["error"]


@pytest.mark.parametrize(("planned", "severity"), [(60, "note"), (12, "error")])
def test_early_stopping_that_kept_the_last_weights(written, planned, severity):
    fit = {"callbacks": ("EarlyStopping",), "epochs": planned}
    words = {"logs": logs(TURNED), "skill": 0.99, "held_out": LAST, "fit": fit}
    assert [found.severity for found in written.judge("GEN101", **words)] == [severity]
