"""Weights that should learn and cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from unstuck.case.edits import set_argument
from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Call, Script, Value
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, first_sites, sites_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, constant_edit, layer_call
from unstuck.observe.outcome import DriveFacts
from unstuck.observe.xray.facts import SiteMeasures
from unstuck.record import Finding, Severity, Treatment

if TYPE_CHECKING:
    import numpy.typing as npt

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D")
LOADING = (
    *("load_weights", "load_model", "set_weights", "from_pretrained", "from_preset"),
    *("model_from_json", "load_own_variables", "load"),
)
"""Calls that bring weights from elsewhere: what is frozen behind them may have learned before."""
PRISTINE = 1e-4
"""How near the scale of a recurrent kernel is to that of an orthogonal matrix before training:
to rounding. A trained one never is."""

JAMMED = 0.9
"""Share of a layer's gate inputs at their ends from which its gradient is zero to single precision,
at every step."""


class FrozenWeights(Rule):
    """Weights that should learn get no gradient or are not trainable.

    ## What it finds
    Recurrent layers with ``trainable=False`` whose weights are still the random ones, models in
    which nothing is trainable, and layers whose gradient is missing or exactly zero at every step
    while others have one.

    ## Why LSTMs get this
    Layers are frozen for fine-tuning and stay so, or are frozen before anything was trained.
    ``stop_gradient``, ``argmax``, a cast to whole numbers or a detour through NumPy inside a layer
    cut the way back: everything in front of it keeps its random weights, and only the head learns.

    ## How it is measured
    The layers' ``trainable``; the gradient of every variable at every step; whether the recurrent
    kernel is still orthogonal and the forget bias still one, as they are before any training.

    ## What proves it
    A gradient that is exactly zero or missing at every step is no small gradient.

    ## What cures it
    ``trainable = True`` before ``compile``; a smooth operation in the place of the one that cuts.

    ## False alarms
    Pretrained layers that are frozen on purpose, such as an embedding: these are left alone, as
    are random features that a head learns from.

    ## References
    Keras guide, Transfer learning and fine-tuning.
    """

    code = "OPT105"
    name = "weights-that-cannot-learn"
    cause = "frozen_weights"
    explains = (
        "vanishing_gradients",
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "class_imbalance",
        "optimizer_unsuited",
    )
    weight = 78
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "y = x[:, 0, 0]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(8, trainable=False),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("trainable=False", "trainable=True")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds frozen recurrent layers in scripts that bring no weights from elsewhere."""
        if _loads(script):
            return
        for model in script.models:
            whole = model.attributes.get("trainable")
            frozen = [layer for layer in model.layers if _freezes(layer) is not None]
            recurrent = [layer for layer in frozen if layer.kind in RECURRENT]
            # A model that is trained twice may have learned before it was frozen.
            if len(model.fits) > 1 or len(model.compiles) > 1:
                continue
            # A part of another model may be trained by itself, as a discriminator is.
            if whole is not None and whole.value is False and not model.nested:
                yield self._suspected("The whole model", whole, None, script)
            elif recurrent:
                value = _freezes(recurrent[0])
                yield self._suspected(recurrent[0].kind, value, recurrent[0], script)

    def examine(
        self,
        model: ModelFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
        steps: StepSeries | None = None,
        xrays: XRays = (),
        drives: tuple[DriveFacts, ...] | None = None,
    ) -> Iterator[Finding]:
        """Judges what may not move, then what has no reason to."""
        if not model.trainable_parameters and model.parameters:
            severity: Severity = "error" if progress.poor or progress.skill is None else "warning"
            yield self._finding(None, "Nothing in the model is trainable", severity, model, fit)
            return
        if not progress.poor:
            return
        frozen = [layer for layer in model.layers if layer.kind in RECURRENT and _still(layer)]
        for layer in frozen[:1]:
            sites = list(sites_of(layer, first_sites(xrays), model))
            random = all(map(_pristine, sites)) if sites else not any(map(_loads, scripts.values()))
            how = f"{layer.name} is not trainable"
            how += " and still has its random weights" if random else ""
            severity = "error" if random else "warning"
            place = _frozen_at(layer, scripts)
            yield self._finding(layer, how, severity, model, fit, _thawed(layer, scripts), place)
        cut = None if frozen else _without_gradient(steps, model)
        # What starts jammed by its inputs has a gradient of zero too, and another cause.
        if cut is not None and cut not in [d.layer for d in drives or () if d.saturated >= JAMMED]:
            yield self._finding(*_behind(cut, model), "error", model, fit)

    def _finding(
        self,
        layer: LayerFacts | None,
        how: str,
        severity: Severity,
        model: ModelFacts,
        fit: FitFacts,
        edits: Edits = (),
        place: Place | None = None,
    ) -> Finding:
        return self.found(
            f"{how}, so training leaves it as it is.",
            severity=severity,
            confidence=0.9 if severity == "error" else 0.5,
            place=place or (layer.place if layer else model.place) or fit.place,
            layer=layer.name if layer else None,
            evidence={
                "trainable_parameters": number(model.trainable_parameters, "weights"),
                "parameters": number(model.parameters, "weights"),
            },
            treatments=[
                Treatment(
                    "let-it-learn",
                    "Set trainable = True before compile, or replace what cuts the gradient.",
                    edits,
                )
            ],
        )

    def _suspected(
        self, what: str, value: Value | None, layer: Call | None, script: Script
    ) -> Finding:
        written = None if value is None else value.place
        edits = () if value is None else constant_edit(value, script, "True")
        if not edits and layer is not None and "trainable" in layer.arguments:
            edits = set_argument(layer, script, "trainable", "True")
        return self.found(
            f"{what} is not trainable, and the script loads no weights: it keeps the random ones.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=written or (layer.place if layer is not None else None),
            treatments=[
                Treatment("let-it-learn", "Set trainable = True before compile.", edits),
            ],
        )


def _loads(script: Script) -> bool:
    """Whether a script brings weights from elsewhere, by a call or by ``weights=[...]``."""
    return any(
        call.kind in LOADING or (call.layer and "weights" in call.arguments)
        for call in (*script.calls, *script.foreign)
    )


def _freezes(layer: Call) -> Value | None:
    """Returns what makes a layer not trainable, None if nothing is seen to."""
    given = layer.attributes.get("trainable") or layer.arguments.get("trainable")
    return given if given is not None and given.value is False else None


def _still(layer: LayerFacts) -> bool:
    return not layer.trainable and layer.parameters > 0


def _pristine(site: SiteMeasures) -> bool:
    """Whether the weights of a site are those that it was made with."""
    weights = site.weights
    if weights is None or weights.recurrent_scale is None:
        return True
    return abs(weights.recurrent_scale - 1) < PRISTINE and weights.forget_bias in (None, 1.0)


def _thawed(layer: LayerFacts, scripts: Scripts) -> Edits:
    call = layer_call(layer, scripts)
    if call is None or layer.place is None:
        return ()
    script = scripts[layer.place.file]
    value = _freezes(call)
    if "trainable" in call.arguments:
        return set_argument(call, script, "trainable", "True")
    return () if value is None else constant_edit(value, script, "True")


def _frozen_at(layer: LayerFacts, scripts: Scripts) -> Place | None:
    """Returns where a layer, or the model that holds it, is told not to learn.

    What freezes a whole model is taken for it where the script does so but once.
    """
    call = layer_call(layer, scripts)
    value = None if call is None else _freezes(call)
    if value is not None:
        return value.place
    told = [
        script.where(statement.lineno)
        for script in scripts.values()
        for statement in script.nodes(ast.Assign)
        if isinstance(statement.value, ast.Constant)
        and statement.value.value is False
        and [getattr(target, "attr", "") for target in statement.targets] == ["trainable"]
    ]
    return told[0] if len(told) == 1 else None


def _without_gradient(steps: StepSeries | None, model: ModelFacts) -> str | None:
    """Returns the last layer of which no weight has a gradient at any step, though others do."""
    if steps is None or not len(steps.index):
        return None
    norms = steps.column("gradient_norm")
    missing = np.isnan(norms) & np.isnan(steps.column("nonfinite"))
    none: npt.NDArray[np.bool_] = (missing | (norms == 0)).all(axis=0)
    if none.all():
        return None
    heads = {head.layer for head in model.heads}
    dead = [name for name, at in steps.layers().items() if none[at].all() and name not in heads]
    order = [layer.name for layer in model.layers]
    known = [name for name in dead if name in order]
    return max(known, key=order.index, default=None)


def _behind(name: str, model: ModelFacts) -> tuple[LayerFacts, str]:
    """Names the layer that cuts the gradient: the first of one's own behind the last without."""
    order = [layer.name for layer in model.layers]
    last = model.layers[order.index(name)]
    readers = [layer for layer in model.layers if name in layer.inputs and not layer.parameters]
    own = [layer for layer in readers if layer.kind == "Lambda" or not layer.stock]
    how = f"No gradient reaches {name} at any step"
    if own:
        return own[0], f"{how}: {own[0].name} ({own[0].kind}) behind it cuts it off"
    return last, how
