"""Decoders that are not told what came before."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts, Place
from unstuck.case.script import Script
from unstuck.findings.architecture.decoders import (
    RECURRENT,
    constant_inputs,
    decodes,
    own_targets,
)
from unstuck.findings.progress import POOR_SHARE, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts, call_at
from unstuck.observe.framing import DecodingFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.record import Evidence, Finding, Treatment

GAIN = 0.1
"""Share of the loss of frequencies by step that the class before must take off: what a table of
pairs gains by chance is negative, as it is judged on other samples."""


class Seq2SeqNoTeacherForcing(Rule):
    """The decoder never sees its targets while training.

    ## What it finds
    A decoder that writes classes step by step and reads the same vector, or a constant, at each of
    them, where the next class depends on the one before; and one that reads the very class that it
    has to write.

    ## Why LSTMs get this
    ``RepeatVector`` is the shortest way from one state to a sequence. For text, whose next sign
    depends on the last one written, such a decoder can only write what is likely at each place.
    Where its second input is the target, and not moved on by one step, it learns to copy, and has
    nothing to copy when it is used.

    ## How it is measured
    The cross-entropy of the model's predictions, against that of a table of which class follows
    which, counted on other samples; the decoder's inputs compared with the targets, value by value.

    ## What proves it
    A table of pairs that predicts better than the network.

    ## What cures it
    Feed the decoder the targets moved on by one step, with a start sign in front, while it trains;
    when it is used, feed back what it wrote.

    ## False alarms
    Autoencoders and translations whose output the input decides get below the loss of the table,
    and are left alone, as are forecasts of numbers.

    ## References
    Williams and Zipser, A Learning Algorithm for Continually Running Fully Recurrent Neural
    Networks (1989); Sutskever et al., Sequence to Sequence Learning with Neural Networks (2014).
    """

    code = "ARC106"
    name = "decoder-without-its-targets"
    cause = "seq2seq_no_teacher_forcing"
    explains = (
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "no_signal_in_data",
        "vanishing_gradients",
        "class_imbalance",
        "sequence_too_long",
        "categorical_codes_as_numbers",
        "overfitting",
        "architecture_wrong_for_task",
        "constant_feature",
        "target_misalignment",
        "optimizer_unsuited",
    )
    weight = 88
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "signs = np.zeros((400, 8), int)\n"
        "signs[:, 0] = rng.integers(0, 9, 400)\n"
        "for t in range(1, 8):\n"
        "    signs[:, t] = (4 * signs[:, t - 1] + rng.integers(1, 3, 400)) % 9\n"
        "source = np.eye(9)[signs[:, :1]].repeat(3, axis=1)\n"
        "taught = np.concatenate([np.zeros((400, 1, 9)), np.eye(9)[signs[:, :-1]]], axis=1)\n"
        "taught = np.zeros_like(taught)\n"
        "reader, writer = keras.Input((3, 9)), keras.Input((8, 9))\n"
        "_, *states = layers.LSTM(16, return_state=True)(reader)\n"
        "written = layers.LSTM(16, return_sequences=True)(writer, initial_state=states)\n"
        "model = keras.Model([reader, writer], layers.Dense(9, activation='softmax')(written))\n"
        "model.compile(keras.optimizers.Adam(0.02), 'sparse_categorical_crossentropy')\n"
        "model.fit([source, taught], signs, epochs=25, verbose=0)\n"
    )
    healthy = sick.replace("taught = np.zeros_like(taught)\n", "")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds decoders that are fed a constant, their own targets, or one vector again."""
        for model in script.models:
            loss = model.loss.name if model.loss is not None else ""
            if "crossentropy" not in loss:
                continue
            for fit in model.fits if decodes(model) else ():
                for place in own_targets(fit, script):
                    yield self._suspected("The decoder reads the class that it has to write", place)
                for place in constant_inputs(fit, script):
                    yield self._suspected("The decoder reads the same at every step", place)

    def examine(
        self,
        outcome: OutcomeFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares the model with a table of which class follows which."""
        if progress.diverged:
            return
        for facts in outcome.decoding:
            copied = len(facts.shifts) > 1 and 0 in facts.shifts and set(facts.shifts) != {0}
            if copied:
                yield self._leak(facts, fit, scripts)
            elif 1 not in facts.shifts and _blind(facts, model) and _misses(facts) > 0:
                yield self._finding(facts, model, progress, fit, scripts)

    def _finding(
        self,
        facts: DecodingFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        grave = progress.poor or _misses(facts) > 1 - POOR_SHARE
        return self.found(
            f"The decoder is not told what came before: its loss is {facts.model:.2f} nats a step, "
            f"while a table of which class follows which has {facts.bigram:.2f} on samples that it "
            "was not made from.",
            severity="error" if grave else "warning",
            confidence=0.85 if grave else 0.6,
            place=_place(model, fit, scripts),
            evidence=_measured(facts),
            treatments=[_TEACH],
        )

    def _leak(self, facts: DecodingFacts, fit: FitFacts, scripts: Scripts) -> Finding:
        call = call_at(fit.place, "fit", scripts)
        places = own_targets(call, scripts[call.file]) if call and call.file in scripts else ()
        return self.found(
            f"Input {facts.shifts.index(0)} of the model is its targets, step for step: the "
            "decoder reads the class that it has to write, and has nothing to read when it is "
            "used.",
            confidence=0.85,
            place=next(iter(places), fit.place),
            evidence=_measured(facts),
            treatments=[_TEACH],
        )

    def _suspected(self, words: str, place: Place) -> Finding:
        return self.found(
            f"{words}, not the one that it wrote before.",
            severity="warning",
            level="suspected",
            confidence=0.6,
            place=place,
            treatments=[_TEACH],
        )


_TEACH = Treatment(
    "teach-the-decoder",
    "While training, feed the decoder the targets moved on by one step, with a start sign in "
    "front: decoder_in[:, 1:] = targets[:, :-1]; when it is used, feed back what it wrote.",
)


def _misses(facts: DecodingFacts) -> float:
    """Returns the share of what the class before tells that the model misses; negative if none."""
    gain = facts.unigram - facts.bigram
    return (facts.model - facts.bigram) / gain if gain > GAIN * facts.unigram else -1.0


def _repeated(model: ModelFacts) -> LayerFacts | None:
    """Returns the RepeatVector that a later recurrent layer reads."""
    kinds = [layer.kind for layer in model.layers]
    if "RepeatVector" not in kinds:
        return None
    at = kinds.index("RepeatVector")
    return model.layers[at] if set(kinds[at:]) & set(RECURRENT) else None


def _blind(facts: DecodingFacts, model: ModelFacts) -> bool:
    """Whether a decoder reads one vector again and again, or a constant beside the source."""
    constant = any(facts.constant) and not all(facts.constant)
    return _repeated(model) is not None or constant


def _place(model: ModelFacts, fit: FitFacts, scripts: Scripts) -> Place | None:
    """Returns where what the decoder reads is made."""
    call = call_at(fit.place, "fit", scripts)
    places = constant_inputs(call, scripts[call.file]) if call and call.file in scripts else ()
    layer = _repeated(model)
    return next(iter(places), None) or (layer.place if layer is not None else None) or fit.place


def _measured(facts: DecodingFacts) -> Evidence:
    return {
        "loss_of_model": number(facts.model, "nats"),
        "loss_of_pairs": number(facts.bigram, "nats"),
        "loss_of_frequencies": number(facts.unigram, "nats"),
    }
