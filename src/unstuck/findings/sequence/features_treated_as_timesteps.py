"""The columns of a table, fed as steps in time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, ModelFacts, Place
from unstuck.case.script import Script
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.columns import column_steps, table_of
from unstuck.findings.sequence.reach import RECURRENT
from unstuck.findings.sites import Scripts, call_at, input_shape
from unstuck.observe.framing import AxisFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.record import Finding, Severity, Treatment

FEWEST = 4
"""Steps from which their order can be asked for."""
UNORDERED = 0.05
"""Chance from which neighbours are no more alike than distant steps."""
APART = 2.0
"""Times the distance of equal distributions from which steps hold quantities of different kinds."""
TURNS = 3
"""Changes between few and many values along the steps that padding or an event can't make: they
begin and end once."""
RUN = 2.0
"""Mean length of runs at an end from which they are padding: a column that often has the same value
fills one step."""
TOLD = 4.0
"""Standard errors from which a step tells something of the target: 1 in 10,000 by chance."""
SILENT = 3.0
"""Standard errors below which it tells nothing. Steps between the two tell a little each, as those
of a sum over time do, or what is left of a memory that fades."""
STRETCHES = 3
"""Separate stretches of steps that tell something, from which what matters is scattered: what lies
back in time does so at one lag, or fades."""
SCATTERED = 0.5
"""Share of steps that tell something up to which they are the exception."""


class FeaturesTreatedAsTimesteps(Rule):
    """Unordered columns are fed as steps in time.

    ## What it finds
    Inputs of shape (samples, columns, 1) whose steps are no sequence: each has a distribution of
    its own, neighbours are no more alike than steps far apart, and what tells of the target is
    scattered over them.

    ## Why LSTMs get this
    An LSTM wants three axes and a table has two, so ``reshape(n, columns, 1)`` makes the error go
    away. The cell then reads income as what came after age, must carry each column to the end, and
    cannot tell one from another but by counting.

    ## How it is measured
    Correlations and distances of distribution between steps, against those after shuffling the
    steps; kinds of values by step; correlation of each step with the target; what a closed-form
    model explains that has a weight for every column. In the source: columns selected by names,
    or a loader of tables, that reach ``fit`` with a last axis of one and without any window.

    ## What proves it
    The same columns in a Dense network, or in another order in this one.

    ## What cures it
    Dense layers on the table. Where rows follow each other in time, windows of rows with the
    columns as features: (samples, steps, columns).

    ## False alarms
    Windows that share values with others, padded sequences and steps that resemble their neighbours
    are left alone. Where the network gets along with it, it is a note.

    ## References
    Grinsztajn et al., Why do tree-based models still outperform deep learning on tabular data?
    (2022), on what a table lacks.
    """

    code = "SEQ107"
    name = "columns-as-steps"
    cause = "features_treated_as_timesteps"
    explains = (
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "no_input_scaling",
        "vanishing_gradients",
        "class_imbalance",
        "categorical_codes_as_numbers",
        "sequence_too_long",
        "overfitting",
        "saturated_gates",
        "architecture_wrong_for_task",
        "optimizer_unsuited",
        "batch_size_too_large",
        "batch_size_too_small",
    )
    weight = 97
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "n = 600\n"
        "table = np.stack([\n"
        "    rng.normal(40, 12, n), rng.integers(0, 2, n), rng.exponential(3, n),\n"
        "    rng.normal(size=n), rng.integers(0, 2, n), rng.uniform(0, 9, n),\n"
        "    rng.normal(5, 2, n), rng.integers(0, 4, n), rng.normal(size=n),\n"
        "], axis=1)\n"
        "table = (table - table.mean(axis=0)) / table.std(axis=0)\n"
        "y = table @ np.array([2.0, -1.0, 1.0, 0, 0, -2.0, 0, 1.0, -1.0])\n"
        "x = table[:, :, None]\n"
        "model = keras.Sequential([keras.Input((9, 1)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.005), loss='mse')\n"
        "model.fit(x, y, epochs=10, verbose=0)\n"
    )
    healthy = (
        sick.replace("x = table[:, :, None]", "x = table")
        .replace("Input((9, 1)), layers.LSTM(8)", "Input((9,)), layers.Dense(32, 'relu')")
        .replace("Adam(0.005)", "Adam(0.02)")
    )

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds tables whose columns become the steps of a recurrent model."""
        for model in script.models:
            shape = input_shape(model)
            single = len(shape) < 2 or shape[1].value == 1 or not isinstance(shape[1].value, int)
            if not single or not any(layer.kind in RECURRENT for layer in model.layers):
                continue
            places = (table_of(fit, script) for fit in model.fits)
            place = next((place for place in places if place is not None), None)
            if place is not None:
                yield self._suspected(place)

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        outcome: OutcomeFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Asks whether the steps of single numbers are in any order."""
        facts = outcome.axes[0] if outcome.axes and len(inputs) == 1 else None
        if facts is None or not _read_by_a_cell(model, facts.steps):
            return
        call = call_at(fit.place, "fit", scripts)
        named = table_of(call, scripts[call.file]) if call and call.file in scripts else None
        if _sequence(facts, inputs[0]) or not (named or _own_kinds(facts) or _scattered(facts)):
            return
        place = named or _made(scripts) or fit.place
        yield self._finding(facts, progress, place)

    def _finding(self, facts: AxisFacts, progress: Progress, place: Place | None) -> Finding:
        behind = (progress.signal or 0.0) > max(progress.explained or 0.0, progress.skill or 0.0)
        severity: Severity = "error" if progress.poor and behind else "note"
        if severity == "note" and behind and (progress.skill or 0.0) < SCATTERED:
            severity = "warning"
        control = (
            f" A closed-form model with a weight for each explains {progress.signal:.0%} of the "
            f"targets' variance, the network {max(progress.explained or 0.0, 0.0):.0%}."
            if behind
            else ""
        )
        return self.found(
            f"The {facts.steps} steps of the inputs are no sequence: neighbours are no more alike "
            f"than steps far apart{_why(facts)}. They are columns, which a cell reads one after "
            f"the other.{control}",
            severity=severity,
            confidence=0.8 if severity == "error" else 0.5,
            place=place,
            evidence={
                "likeness_of_neighbours": number(facts.given, "1"),
                "chance_in_random_order": number(facts.order, "1"),
                "distance_of_distributions": number(facts.own, "1"),
                "explained_by_control": number(progress.signal, "1"),
                "explained_by_model": number(progress.explained, "1"),
            },
            treatments=[_DENSE],
        )

    def _suspected(self, place: Place) -> Finding:
        return self.found(
            "The columns of a table become steps in time: they have no order that a recurrent "
            "layer could use.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=place,
            treatments=[_DENSE],
        )


_DENSE = Treatment(
    "read-columns-at-once",
    "Feed the table to Dense layers; or, where its rows follow each other in time, cut windows of "
    "rows with the columns as features: (samples, steps, columns).",
)


def _read_by_a_cell(model: ModelFacts, steps: int) -> bool:
    """Whether a recurrent layer reads the numbers themselves, one a step."""
    if any(layer.kind == "Embedding" for layer in model.layers):
        return False
    shapes = [layer.input_shape for layer in model.layers if layer.kind in RECURRENT]
    read = (shape is None or shape[1:] in ((steps, 1), (None, 1)) for shape in shapes)
    return any(read)


def _sequence(facts: AxisFacts, array: ArrayFacts) -> bool:
    """Whether the steps are those of windows or of padded sequences, or too few to tell."""
    single = facts.features == 1 and facts.steps >= FEWEST
    return not single or facts.shifted or facts.shared or _padded(array, facts.steps)


def _padded(array: ArrayFacts, steps: int) -> bool:
    """Whether sequences of different lengths are filled up at one end."""
    runs = array.padding
    if runs is None or runs.value is None or not runs.lengths_vary:
        return False
    ends = ((runs.tail_share, runs.tail_samples), (runs.head_share, runs.head_samples))
    return any(steps * share > RUN * samples for share, samples in ends)


def _own_kinds(facts: AxisFacts) -> bool:
    """Whether steps hold quantities of different kinds, in no order."""
    known = [kind for kind in facts.kinds if kind]
    turns = sum(one != other for one, other in itertools.pairwise(known))
    if turns >= TURNS:
        return True
    if facts.own is None or facts.own_by_chance is None or _ordered(facts):
        return False
    return facts.own > APART * facts.own_by_chance


def _ordered(facts: AxisFacts) -> bool:
    """Whether steps resemble their neighbours, or those one season away, more than others."""
    chances = (facts.order, facts.distance_order, facts.own_order)
    return facts.order is None or min(one for one in chances if one is not None) <= UNORDERED


def _scattered(facts: AxisFacts) -> bool:
    """Whether the steps that tell of the target lie here and there."""
    if _ordered(facts) or not facts.told:
        return False
    error = 1 / math.sqrt(facts.samples)
    tells = [share > TOLD * error for share in facts.told]
    if any(SILENT * error < share <= TOLD * error for share in facts.told):
        return False
    before = [False, *tells]
    starts = [at for at, tell in enumerate(tells) if tell and not before[at]]
    gaps = {later - earlier for earlier, later in itertools.pairwise(starts)}
    # A season comes back at the same distance.
    return len(starts) >= STRETCHES and len(gaps) > 1 and sum(tells) <= SCATTERED * len(tells)


def _why(facts: AxisFacts) -> str:
    if _own_kinds(facts):
        return ", and each holds values of its own kind"
    return ", and those that tell of the target are scattered" if _scattered(facts) else ""


def _made(scripts: Scripts) -> Place | None:
    """Returns where columns become steps, if only one script does that."""
    places = [place for place in map(column_steps, scripts.values()) if place is not None]
    return places[0] if len(places) == 1 else None
