"""State that is carried between sequences that do not follow each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at, flag_edit
from unstuck.observe.outcome import FailureFacts
from unstuck.observe.xray.facts import LagFacts
from unstuck.record import Finding, Severity, Treatment

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
RESETS = ("reset_states", "reset_state")
"""Methods of layers and models that forget the carried state."""
TORN = ("modified by an inplace operation", "backward through the graph a second time")
"""What torch's autograd says of a state that one step leaves to the next."""


class StatefulMisuse(Rule):
    """stateful=True with shuffled or unrelated batches, or state never reset.

    ## What it finds
    A layer with ``stateful=True`` in a training whose batches are shuffled, whose state is never
    reset, or on a backend where Keras does not carry the state.

    ## Why LSTMs get this
    "The LSTM should remember" sounds like ``stateful=True``. It means something else: row i of a
    batch starts from the state in which row i of the batch before ended. ``fit`` shuffles unless it
    is told not to, so that every sequence starts from the end of another one, drawn at random. In
    Keras 3 the state is dropped without a word with JAX, and torch ends in an exception at the
    first update.

    ## How it is measured
    The option of the layer, how ``fit`` orders its batches, the backend, resets in the source and
    callbacks; whether what came before the window would add to what the window says.

    ## What proves it
    The same run without ``stateful``, or with ``shuffle=False`` and a reset after every epoch.

    ## What cures it
    ``stateful=False`` and windows that reach back as far as the task needs. Where state must be
    carried: TensorFlow, ``shuffle=False``, rows in the order of the streams, a reset an epoch.

    ## False alarms
    A run that learns all the same gets a warning at most.

    ## References
    Keras guide, Working with RNNs, Cross-batch statefulness.
    """

    code = "STA101"
    name = "state-between-strangers"
    cause = "stateful_misuse"
    explains = (
        "no_signal_in_data",
        "window_too_short",
        "too_few_updates",
        "lr_too_low",
        "vanishing_gradients",
        "class_imbalance",
        "no_history_single_timestep",
    )
    weight = 75
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "LENGTH, STATEFUL = 4, True\n"
        "series = np.random.default_rng(0).normal(size=4 * 640)\n"
        "ends = np.arange(8, 4 * 640 + 1, 4)[:608]\n"
        "x = np.stack([series[end - LENGTH : end] for end in ends])[..., None]\n"
        "y = np.array([series[end - 8 : end - 4].sum() for end in ends])\n"
        "model = keras.Sequential([\n"
        "    keras.Input(batch_shape=(16, LENGTH, 1)),\n"
        "    layers.LSTM(8, stateful=STATEFUL),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='mse')\n"
        "model.fit(x, y, batch_size=16, epochs=12, verbose=0)\n"
    )
    healthy = sick.replace("4, True", "8, False")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds stateful layers of models whose ``fit`` shuffles arrays."""
        for model in script.models:
            carrying = [layer for layer in model.layers if _carries(layer)]
            shuffled = [fit for fit in model.fits if _shuffles(fit)]
            if carrying and shuffled:
                yield self._suspected(carrying[0], shuffled[0], script)

    def examine(
        self,
        model: ModelFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
        lags: tuple[LagFacts, ...] = (),
        failure: FailureFacts | None = None,
        backend: str | None = None,
    ) -> Iterator[Finding]:
        """Judges the order of the batches, the backend, and whether the task needs the past."""
        layer = next((one for one in model.layers if _stateful(one)), None)
        if layer is None:
            return
        before = max((lag.beyond for lag in lags if lag.beyond is not None), default=None)
        if failure is not None and any(text in failure.message for text in TORN):
            how = "Keras does not train a carried state with torch: the run ended in an exception"
            yield self._finding(layer, how, "error", 0.95, before, fit, scripts)
        elif backend == "jax":
            how = "Keras with JAX drops the state between batches, so that nothing is carried"
            # A window without signal that a state should have filled up shows what is missing.
            sure = progress.poor and (before is not None or progress.has_signal is False)
            severity: Severity = "error" if sure else ("warning" if progress.poor else "note")
            yield self._finding(layer, how, severity, 0.8 if sure else 0.5, before, fit, scripts)
        elif fit.shuffle:
            how = "fit shuffles the samples, so that each starts from the state of another one"
            severity = "error" if progress.poor else "warning"
            yield self._finding(layer, how, severity, 0.8, before, fit, scripts)
        elif progress.poor and not _resets(fit, scripts):
            how = "nothing resets it, so that each epoch starts from the end of the one before"
            yield self._finding(layer, how, "warning", 0.4, before, fit, scripts)

    def _finding(
        self,
        layer: LayerFacts,
        how: str,
        severity: Severity,
        confidence: float,
        before: int | None,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        return self.found(
            f"{layer.name} carries its state from batch to batch (stateful=True), but {how}.",
            severity=severity,
            confidence=confidence,
            place=layer.place or fit.place,
            layer=layer.name,
            evidence={
                "batch_size": number(fit.batch_size, "samples"),
                "needed_beyond_window": number(before, "time steps"),
            },
            treatments=_treatments(
                flag_edit(layer, scripts, "stateful", value=False),
                _in_order(call_at(fit.place, "fit", scripts), scripts, fit),
            ),
        )

    def _suspected(self, layer: Call, fit: Call, script: Script) -> Finding:
        return self.found(
            f"{layer.kind} carries its state from batch to batch, but fit shuffles the samples: "
            "each sequence starts from the state of another one.",
            severity="warning",
            level="suspected",
            confidence=0.8,
            place=layer.place,
            treatments=_treatments((), set_argument(fit, script, "shuffle", "False")),
        )


def _treatments(stateless: Edits, in_order: Edits) -> tuple[Treatment, Treatment]:
    return (
        Treatment(
            "stateless",
            "Leave stateful out, and make the windows as long as the task needs.",
            stateless,
        ),
        Treatment(
            "in-order",
            "With TensorFlow: shuffle=False, rows in the order of their streams, and reset_states "
            "after every epoch.",
            in_order,
        ),
    )


def _stateful(layer: LayerFacts) -> bool:
    return layer.kind in RECURRENT and layer.config.get("stateful") is True


def _carries(layer: Call) -> bool:
    return layer.kind in RECURRENT and layer.get("stateful", False).value is True


def _shuffles(fit: Call) -> bool:
    """Whether a call of ``fit`` is seen to shuffle arrays; a data set has no y of its own."""
    return "y" in fit.arguments and fit.get("shuffle", True).value is True


def _in_order(call: Call | None, scripts: Scripts, fit: FitFacts) -> Edits:
    if call is None or fit.place is None or not fit.shuffle:
        return ()
    return set_argument(call, scripts[fit.place.file], "shuffle", "False")


def _resets(fit: FitFacts, scripts: Scripts) -> bool:
    """Whether something may forget the state between epochs."""
    named = {
        node.attr
        for script in scripts.values()
        for node in ast.walk(script.tree)
        if isinstance(node, ast.Attribute)
    }
    return not scripts or bool(named & set(RESETS)) or fit.epochs <= 1
