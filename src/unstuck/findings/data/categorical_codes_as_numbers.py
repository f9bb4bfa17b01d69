"""Numbers that are names of categories, read as magnitudes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Model, Script
from unstuck.findings.data.embedding_edit import embedding_edits
from unstuck.findings.data.encoders import encoder_of
from unstuck.findings.progress import SIGNAL_MARGIN, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at
from unstuck.observe.outcome import CodeFacts, OutcomeFacts
from unstuck.record import Finding, Severity, Treatment

LOOKUPS = ("Embedding", "CategoryEncoding", "IntegerLookup", "StringLookup", "Hashing")
"""Layers that give each category values of its own."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
HALF = 0.5
"""Share of what categories explain below which magnitudes, or the network, miss most of it."""
CLEAR = 0.33
"""Share of the variance that categories alone explain from which it is what the run is about."""


class CategoricalCodesAsNumbers(Rule):
    """Integer codes of categories that are fed as magnitudes.

    ## What it finds
    Inputs of few distinct values that say much more about the targets when each value is a category
    of its own, in a model without an Embedding or one-hot rows that has not found it by itself.

    ## Why LSTMs get this
    Weekdays, shops and words are numbered by an encoder, in the order of the alphabet, and the
    numbers go straight into the window. To the cell, shop 12 is twelve times shop 1 and lies
    between 11 and 13, which says nothing of the shop.

    ## How it is measured
    The same closed-form model is fitted twice, to the numbers and to their one-hot form, and
    both are judged out of sample. In the source: an encoder whose codes reach ``fit`` as inputs.

    ## What proves it
    A share of the variance that the categories explain and the magnitudes do not.

    ## What cures it
    An Embedding for one column of codes, one-hot rows for few categories.

    ## False alarms
    Counts, ages and grades are magnitudes: as categories they explain no more. A network that
    has found the pattern all the same is left alone.

    ## References
    Guo and Berkhahn, Entity Embeddings of Categorical Variables (2016).
    """

    code = "DAT108"
    name = "codes-as-magnitudes"
    cause = "categorical_codes_as_numbers"
    explains = (
        "no_signal_in_data",
        "no_input_scaling",
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "window_too_short",
        "overfitting",
        "saturated_gates",
    )
    weight = 96
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "shops = rng.integers(0, 24, (400, 8))\n"
        "y = rng.permutation(np.repeat([-1.0, 1.0], 12))[shops].mean(axis=1)\n"
        "x = shops[:, :, None].astype('float32')\n"
        "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=30, verbose=0)\n"
    )
    healthy = sick.replace(
        "shops[:, :, None].astype('float32')", "np.eye(24, dtype='float32')[shops]"
    ).replace("Input((8, 1))", "Input((8, 24))")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds inputs of a recurrent model that come straight from an encoder of categories."""
        for model in script.models:
            if not _reads_numbers(model):
                continue
            for fit in model.fits:
                place = encoder_of(fit, script)
                if place is not None:
                    yield self._suspected(place)
                    break

    def examine(
        self,
        outcome: OutcomeFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
        inputs: tuple[ArrayFacts, ...] | None = None,
    ) -> Iterator[Finding]:
        """Compares what the numbers explain as categories with what they explain as magnitudes."""
        kinds = [layer.kind for layer in model.layers]
        if not outcome.codes or set(LOOKUPS) & set(kinds) or not set(RECURRENT) & set(kinds):
            return
        codes = max(outcome.codes, key=lambda one: one.as_categories)
        missed = codes.as_categories - max(codes.as_numbers, codes.chance, 0.0) > SIGNAL_MARGIN
        learned = max(_learned(progress), 0.0)
        if not missed or codes.as_numbers > HALF * codes.as_categories:
            return
        if learned > HALF * codes.as_categories or progress.diverged:
            return
        yield self._finding(codes, learned, model, inputs or (), fit, scripts)

    def _finding(
        self,
        codes: CodeFacts,
        learned: float,
        model: ModelFacts,
        inputs: tuple[ArrayFacts, ...],
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        call = call_at(fit.place, "fit", scripts)
        place = fit.place and call and encoder_of(call, scripts[fit.place.file])
        # Beside an encoder in the source there is no doubt that these are categories.
        severity: Severity = "error" if place or codes.as_categories > CLEAR else "warning"
        features = ", ".join(str(feature) for feature in codes.features)
        return self.found(
            f"Input feature {features} takes {codes.distinct} distinct values. As categories they "
            f"explain {codes.as_categories:.0%} of the targets' variance, as "
            f"magnitudes {max(codes.as_numbers, 0):.0%}: an LSTM that reads them so misses it.",
            severity=severity,
            confidence=0.85 if severity == "error" else 0.6,
            place=place or _reader(model) or fit.place,
            evidence={
                "explained_as_categories": number(codes.as_categories, "1"),
                "explained_as_magnitudes": number(codes.as_numbers, "1"),
                "explained_by_model": number(learned, "1"),
                "kinds": number(codes.distinct, "categories"),
            },
            treatments=[dataclasses.replace(_EMBED, edits=_embedded(model, inputs, scripts))],
        )

    def _suspected(self, place: Place) -> Finding:
        return self.found(
            "The inputs are categories that an encoder has numbered; the recurrent layer reads "
            "these codes as magnitudes.",
            severity="warning",
            level="suspected",
            confidence=0.5,
            place=place,
            treatments=[_EMBED],
        )


_EMBED = Treatment(
    "embed-the-codes",
    "Put an Embedding in front of the recurrent layer for a column of codes, or make them one-hot: "
    "np.eye(kinds)[codes].",
)


def _learned(progress: Progress) -> float:
    """Returns what the network explains, on data that it has not seen if there are any."""
    if progress.validation_skill is not None:
        return progress.validation_skill
    return max(progress.explained or 0.0, progress.skill or 0.0)


def _reader(model: ModelFacts) -> Place | None:
    layers: list[LayerFacts] = [one for one in model.layers if one.kind in RECURRENT]
    return layers[0].place if layers else None


def _embedded(model: ModelFacts, inputs: tuple[ArrayFacts, ...], scripts: Scripts) -> Edits:
    """Returns the edits that look a single feature up in a table."""
    readers = [layer for layer in model.layers if layer.kind in RECURRENT]
    return embedding_edits(readers[0], inputs[0], scripts) if readers and len(inputs) == 1 else ()


def _reads_numbers(model: Model) -> bool:
    kinds = {layer.kind for layer in model.layers}
    return bool(kinds & set(RECURRENT)) and not kinds & set(LOOKUPS)
