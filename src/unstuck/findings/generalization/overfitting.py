"""Training loss falls while validation loss rises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.case.edits import set_argument
from unstuck.case.facts import FitFacts
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at, keras_name
from unstuck.record import Finding, Severity, Treatment

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"
Epochs = tuple[tuple[int, int, dict[str, float]], ...]

NOISE = 3.0
"""Times the epoch-to-epoch noise of the validation loss that its rise must exceed."""
AFTER = 3
"""Epochs after the best one that a rise must be seen in."""
LOST = 0.2
"""Share of the best validation gain over a constant that was lost again: a fifth is more than
what one picks up by chance in choosing the best epoch."""
ASSURED = 0.5
"""Share from which it matters though the classes are told as well as before: a network that grows
sure of its few mistakes loses that much where it has many."""
FEWER = 1.0
"""Standard errors of a share of right classes by which it must fall to be counted as fallen."""
RISE = 0.1
"""Relative rise of the validation loss that counts where no constant is known."""


class Overfitting(Rule):
    """Training loss falls while validation loss rises.

    ## What it finds
    A validation loss that has risen from its best by more than its noise while the training loss
    kept falling.

    ## Why LSTMs get this
    A layer of 128 units has 66,000 recurrent weights; windows of one series overlap, so a
    thousand windows hold far fewer than a thousand independent samples.

    ## How it is measured
    The rise from the best epoch to the last against the noise between epochs, and against the
    best gain over the best constant prediction on the validation data.

    ## What proves it
    The two curves.

    ## What cures it
    ``EarlyStopping(restore_best_weights=True)``, dropout, fewer units, more data.

    ## False alarms
    A small and noisy validation set; a slight rise. Cross-entropy that rises though as many
    classes are right as before is worth a warning only. A callback that put the best weights
    back has answered it: the loss of the weights that are left tells, and nothing is said.

    ## References
    Prechelt, Early Stopping - But When? (1998).
    """

    code = "GEN101"
    name = "overfitting"
    cause = "overfitting"
    explains = ("capacity_too_large",)
    weight = 30
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(160, 10, 4))\n"
        "y = x[:, -1, 0] + rng.normal(size=160)\n"
        "model = keras.Sequential([keras.Input((10, 4)), layers.LSTM(32), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "held_out = (x[80:], y[80:])\n"
        "model.fit(x[:80], y[:80], validation_data=held_out, epochs=60, verbose=0)\n"
    )
    healthy = sick.replace(
        "epochs=60",
        "epochs=60, callbacks=[keras.callbacks.EarlyStopping("
        "patience=5, restore_best_weights=True)]",
    )

    def examine(
        self,
        epochs: Epochs,
        outputs: tuple[Output, ...],
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares the last epochs with the best one."""
        train, held = _series(epochs, "loss"), _series(epochs, "val_loss")
        # What was not learned at all was not learned by heart: both losses wander about.
        if progress.failing or len(held) <= AFTER or len(train) != len(held):
            return
        best = int(np.argmin(held))
        end = float(np.median(held[-AFTER:]))
        rise = end - float(held[best])
        noise = float(np.median(np.abs(np.diff(held)))) if len(held) > 2 else 0.0
        falling = train[-AFTER:].mean() < train[best]
        if len(held) - 1 - best < AFTER or rise <= NOISE * noise or not falling:
            return
        lost = _lost(held[best], end, outputs)
        if lost < RISE or (fit.callbacks and _restored(held, best, outputs)):
            return
        stopped = "EarlyStopping" in fit.callbacks and len(held) < fit.epochs
        severity: Severity = "note" if stopped or lost < LOST else "error"
        if severity == "error" and lost < ASSURED and _as_right_as(best, epochs, outputs):
            severity = "warning"
        edits = _stopping(fit, scripts)
        yield self._finding(epochs, best, held, end, lost, severity, fit, edits)

    def _finding(
        self,
        epochs: Epochs,
        best: int,
        held: Floats,
        end: float,
        lost: float,
        severity: Severity,
        fit: FitFacts,
        edits: Edits,
    ) -> Finding:
        return self.found(
            f"The validation loss was best after epoch {best + 1} ({held[best]:.4g}) and has risen "
            f"to {end:.4g} since, while the training loss fell to {epochs[-1][2]['loss']:.4g}: "
            "what it learned after that holds for the training data only.",
            severity=severity,
            confidence=0.9,
            place=fit.place,
            evidence={
                "best_epoch": number(best + 1, "epoch"),
                "best_validation_loss": number(float(held[best]), "loss"),
                "last_validation_loss": number(end, "loss"),
                "validation_gain_lost": number(lost, "1"),
            },
            treatments=[
                Treatment(
                    "early-stopping",
                    "Stop at the best epoch: EarlyStopping(patience=5, restore_best_weights=True); "
                    "then dropout, fewer units, or more data.",
                    edits,
                )
            ],
        )


def _series(epochs: Epochs, name: str) -> Floats:
    values = [logs.get(name) for _, _, logs in epochs]
    return np.asarray([value for value in values if value is not None], np.float64)


def _lost(best: float, end: float, outputs: tuple[Output, ...]) -> float:
    """Returns the share of the best gain over a constant that is lost, else the relative rise."""
    constants = [o.validation.constant_predictor for o in outputs if o.validation]
    known = [value for value in constants if value is not None]
    gain = sum(known) - best if known else 0.0
    if gain > 0:
        return (end - best) / gain
    return (end - best) / abs(best) if best else 0.0


def _as_right_as(best: int, epochs: Epochs, outputs: tuple[Output, ...]) -> bool:
    """Whether as many classes are right at the end as at the best epoch, within their noise."""
    samples = [output.validation.samples for output in outputs if output.validation]
    names = [name for name in epochs[-1][2] if name.startswith("val_") and "acc" in name]
    if not samples or not names:
        return False
    for name in names:
        right = _series(epochs, name)
        if len(right) != len(epochs):
            return False
        error = np.sqrt(right[best] * (1 - right[best]) / samples[0])
        if right[best] - np.median(right[-AFTER:]) > FEWER * error:
            return False
    return True


def _restored(held: Floats, best: int, outputs: tuple[Output, ...]) -> bool:
    """Whether the weights that training left are those of the best epoch, not of the last.

    Their validation loss tells it whatever put them back; only a callback can.
    """
    left = [output.validation.loss for output in outputs if output.validation]
    known = [value for value in left if value is not None]
    if not known or len(known) < len(left):
        return False
    return bool(abs(sum(known) - held[best]) < abs(sum(known) - held[-1]))


def _stopping(fit: FitFacts, scripts: Scripts) -> Edits:
    """Returns the edit that adds early stopping to a call of ``fit`` without callbacks."""
    call = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None or call.get("callbacks").content is not None:
        return ()
    script = scripts[fit.place.file]
    section = keras_name(script, "callbacks")
    if section is None:
        return ()
    stopping = f"[{section}.EarlyStopping(patience=5, restore_best_weights=True)]"
    return set_argument(call, script, "callbacks", stopping)
