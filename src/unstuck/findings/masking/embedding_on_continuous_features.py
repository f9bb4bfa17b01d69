"""Real numbers looked up as if they were ids."""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.case.edits import replace_call
from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.data.origins import Origins
from unstuck.findings.masking.reads import read_by
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call
from unstuck.observe.outcome import FailureFacts
from unstuck.record import Finding, Severity, Treatment

DRAWN = ("normal", "randn", "rand", "random", "uniform", "standard_normal")
"""Distributions of real numbers, from which toy data are drawn."""
SCALERS = ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "Normalizer")
"""Classes whose ``fit_transform`` gives real numbers."""


class EmbeddingOnContinuousFeatures(Rule):
    """An Embedding is fed real numbers, which it floors to indices.

    ## What it finds
    An array with fractions that an ``Embedding`` reads directly.

    ## Why LSTMs get this
    Text models begin with an ``Embedding``, and their first layers are copied for sensors and
    prices. The layer casts what it gets to whole numbers: of standardized or min-max scaled
    values nearly all become 0, so that every sample looks the same; others are negative, and
    there is no such row.

    ## How it is measured
    Whether all values are whole numbers; how many rows they fall on after the cast.

    ## What proves it
    Values between -1 and 1 all become the id 0: what is looked up is then one constant.

    ## What cures it
    Give the numbers to the LSTM as they are, with shape (samples, steps, features); an
    ``Embedding`` is for ids of words or categories.

    ## False alarms
    Values that are meant to be binned this way: where the run learns and every value has a row, it
    is a warning.

    ## References
    Keras API, ``keras.layers.Embedding``.
    """

    code = "MSK105"
    name = "embedding-of-real-numbers"
    cause = "embedding_on_continuous_features"
    explains = (
        "embedding_index_out_of_range",
        "no_signal_in_data",
        "vanishing_gradients",
        "too_few_updates",
        "class_imbalance",
        "lr_too_low",
        "mask_value_collision",
        "padding_not_masked",
    )
    weight = 112
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).uniform(0, 1, (256, 10))\n"
        "y = x[:, -3:].sum(axis=1)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((10,)),\n"
        "    layers.Embedding(50, 8),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("Embedding(50, 8)", "Reshape((10, 1))")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds the only embedding of a model whose data come from a scaler or a distribution."""
        for model in script.models:
            embeddings = [layer for layer in model.layers if layer.kind == "Embedding"]
            inputs = [layer for layer in model.layers if layer.kind in ("Input", "InputLayer")]
            if len(embeddings) != 1 or len(inputs) > 1:
                continue
            makers = [made for fit in model.fits for made in _real(fit, script)]
            if makers:
                yield self._suspected(embeddings[0], makers[0])

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
        failure: FailureFacts | None = None,
    ) -> Iterator[Finding]:
        """Looks for fractions in the array that an embedding reads directly."""
        for layer in model.layers:
            array = read_by(layer, inputs, model)
            if array is None or array.integral or array.minimum is None or array.maximum is None:
                continue
            rows = math.trunc(array.maximum) - math.trunc(array.minimum) + 1
            learns = progress.skill is not None and not progress.poor and not progress.diverged
            fits = array.minimum > -1 and array.maximum < (layer.config.get("input_dim") or 0)
            severity: Severity = "warning" if learns and fits and failure is None else "error"
            yield self._finding(layer, array, rows, severity, fit, scripts)

    def _finding(
        self,
        layer: LayerFacts,
        array: ArrayFacts,
        rows: int,
        severity: Severity,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        falls = (
            "every value becomes the same id"
            if rows == 1
            else f"they fall on {rows} ids at most, some of them negative"
            if (array.minimum or 0) <= -1
            else f"they fall on {rows} ids at most"
        )
        return self.found(
            f"{layer.name} looks up real numbers between {array.minimum:.4g} and "
            f"{array.maximum:.4g} as if they were ids; cut to whole numbers, {falls}.",
            severity=severity,
            confidence=0.97 if severity == "error" else 0.6,
            place=layer.place or fit.place,
            layer=layer.name,
            evidence={
                "least_value": number(array.minimum, "input units"),
                "largest_value": number(array.maximum, "input units"),
                "ids": number(rows, "rows"),
            },
            treatments=[_treatment(_edits(layer, array, scripts))],
        )

    def _suspected(self, embedding: Call, maker: str) -> Finding:
        return self.found(
            f"The Embedding looks up what `{maker}` made: it cuts real numbers to whole ones and "
            "takes these for ids.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=embedding.place,
            treatments=[_treatment(())],
        )


def _treatment(edits: Edits) -> Treatment:
    return Treatment(
        "numbers-as-they-are",
        "Give the numbers to the LSTM as they are, with shape (samples, steps, features), instead "
        "of the Embedding.",
        edits,
    )


def _edits(layer: LayerFacts, array: ArrayFacts, scripts: Scripts) -> Edits:
    """Returns the edit that puts a feature axis in the place of the embedding."""
    call = layer_call(layer, scripts)
    if call is None or layer.place is None or len(array.shape) != 2 or array.shape[1] is None:
        return ()
    script = scripts[layer.place.file]
    section = keras_name(script, "layers")
    made = f"{section}.Reshape(({array.shape[1]}, 1))"
    return () if section is None else replace_call(call, script, made)


def _real(fit: Call, script: Script) -> Iterator[str]:
    """Yields the functions of real numbers that made the inputs of a call of ``fit``."""
    for node in Origins(script).of_inputs(fit):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        scaled = called in ("fit_transform", "transform")
        if called in DRAWN or (scaled and _receiver(node.func, script) in SCALERS):
            yield called


def _receiver(func: object, script: Script) -> str | None:
    """Returns the class of the object that a method is called on, None where it isn't known."""
    owner = getattr(func, "value", None)
    made = getattr(owner, "func", None)
    if made is not None:
        return getattr(made, "attr", getattr(made, "id", None))
    known = script.names.get(getattr(owner, "id", ""))
    return known.call.kind if known is not None and known.call is not None else None
