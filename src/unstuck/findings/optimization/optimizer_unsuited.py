"""Plain gradient descent on a recurrent network."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.case.reading.contract import RECURRENT
from unstuck.case.script import Script
from unstuck.findings.optimization.choice import Choice, choice_at, choices
from unstuck.findings.optimization.tried import behind, reached, sound, told
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import Finding, Treatment


class OptimizerUnsuited(Rule):
    """The optimizer does not get a recurrent network to move here; Adam does.

    ## What it finds
    A run that does not learn with an optimizer which learns at none of several rates, where Adam
    learns with the same model, batches and number of updates.

    ## Why LSTMs get this
    The gradients of recurrent kernels, of embeddings and of the head differ by orders of magnitude,
    and so does each from one sequence to the next. Plain gradient descent has one rate for all:
    where it is small enough for the largest, the others stand still. A word that is seen in one of
    a hundred sentences moves its vector a hundred times less often.

    ## How it is measured
    Short trainings of copies from the same new weights: with the user's optimizer at rates from
    0.0001 to 1, and with Adam.

    ## What proves it
    The same run with Adam.

    ## What cures it
    ``optimizer="adam"`` or "rmsprop"; momentum and clipping help gradient descent.

    ## False alarms
    Gradient descent that learns is left alone, however slow; a rate that is only too low is
    called that.

    ## References
    Kingma and Ba, Adam (2015); Zhang et al., Why are Adaptive Methods Good for Attention Models?
    (2020).
    """

    code = "OPT107"
    name = "unsuited-optimizer"
    cause = "optimizer_unsuited"
    explains = (
        "lr_too_low",
        "too_few_updates",
        "batch_size_too_large",
        "class_imbalance",
        "vanishing_gradients",
        "capacity_too_small",
        "persistence_solution",
        "no_signal_in_data",
    )
    weight = 62
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "words = rng.integers(1, 400, (1000, 24))\n"
        "said = rng.normal(size=400) * (np.arange(400) < 200)\n"
        "y = (said[words].sum(axis=1) > 0).astype(int)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((24,), dtype='int32'),\n"
        "    layers.Embedding(400, 16),\n"
        "    layers.LSTM(16),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "descent = keras.optimizers.SGD(0.1)\n"
        "model.compile(optimizer=descent, loss='binary_crossentropy')\n"
        "model.fit(words, y, epochs=8, verbose=0)\n"
    )
    healthy = sick.replace("keras.optimizers.SGD(0.1)", "keras.optimizers.Adam(0.01)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds plain gradient descent for a model with a recurrent layer."""
        for model, choice in choices(script):
            recurs = any(layer.kind in RECURRENT for layer in model.layers)
            if recurs and choice.kind == "SGD" and _plain(choice):
                yield self.found(
                    "Plain SGD has one rate for all weights of a recurrent network, whose "
                    "gradients differ by orders of magnitude.",
                    severity="note",
                    level="suspected",
                    confidence=0.3,
                    place=choice.place,
                    treatments=[_adam(choice)],
                )

    def examine(
        self,
        rehearsals: RehearsalFacts,
        compiled: CompileFacts,
        progress: Progress,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares the optimizer at its best rate with Adam."""
        adam, own = rehearsals.best("adam"), rehearsals.best("rates")
        if adam is None or own is None or progress.diverged:
            return
        if sound(adam, progress) and behind([own.skill, reached(progress)], adam):
            yield self._finding(own, adam, compiled, progress, scripts)

    def _finding(
        self,
        own: Rehearsal,
        adam: Rehearsal,
        compiled: CompileFacts,
        progress: Progress,
        scripts: Scripts,
    ) -> Finding:
        choice = choice_at(compiled, scripts)
        return self.found(
            f"From the same weights and with the same {adam.steps} batches, Adam reaches a skill "
            f"of {adam.skill:.2f} and {own.optimizer} at the best of its rates, {own.rate:g}, "
            f"{max(own.skill, 0):.2f}.",
            severity="error" if progress.failing else "warning",
            confidence=0.85,
            place=(choice.place if choice else None) or compiled.place,
            evidence={
                **told(own, "own"),
                **told(adam, "adam"),
                "updates_of_each": number(adam.steps, "steps"),
                "skill": number(progress.skill, "1"),
            },
            treatments=[_adam(choice)],
        )


def _plain(choice: Choice) -> bool:
    call = choice.value.call
    return call is None or not call.get("momentum", 0.0).value


def _adam(choice: Choice | None) -> Treatment:
    return Treatment("use-adam", "Use optimizer='adam'.", choice.replaced("adam") if choice else ())
