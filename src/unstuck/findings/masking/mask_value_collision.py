"""A mask that hides steps of the data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import ArrayFacts, FitFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.masking.padding_not_masked import NATURAL
from unstuck.findings.masking.paths import Way, array_before, changing, hidden_value, same, ways
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, last_sites, sites_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, layer_call, together
from unstuck.observe.xray.facts import SiteMeasures
from unstuck.record import Finding, Severity, Treatment

RARE = 0.02
"""Share of real steps below which hiding them costs no more than the noise of a sample."""
PADDED = 3.0
"""Times the run at the ends that chance gives from which the ends are padding."""


@dataclasses.dataclass(frozen=True)
class Hidden:
    """What a mask hides of the data.

    Attributes:
        share: Of the steps that are no padding, how many it hides.
        padded: Whether the data have padding beside.
    """

    share: float
    padded: bool


class MaskValueCollision(Rule):
    """The mask value occurs in real data.

    ## What it finds
    A ``Masking`` layer or an ``Embedding`` with ``mask_zero`` that hides steps in the middle of
    sequences, in a run that does not learn what is there to learn.

    ## Why LSTMs get this
    0 is the customary padding and the default ``mask_value``, and it is a value like any other: a
    rain gauge reads it on dry days, min-max scaling makes it of every minimum, binary events are 0
    half of the time, ids are often numbered from 0. The cell skips such steps, so that it can tell
    neither that they were there nor how many.

    ## How it is measured
    The share of the steps between the runs at both ends that equal the mask value, or the share
    of steps that the mask hides at the cell where no run at an end has that value.

    ## What proves it
    The same run with another padding value.

    ## What cures it
    Pad with a value that does not occur, and give it to ``Masking``; number ids from 1.

    ## False alarms
    Missing readings that are hidden on purpose: a run that learns gets a note at most.

    ## References
    Keras API, ``keras.layers.Masking``.
    """

    code = "MSK104"
    name = "mask-value-in-the-data"
    cause = "mask_value_collision"
    explains = (
        "vanishing_gradients",
        "too_few_updates",
        "class_imbalance",
        "sequence_too_long",
        "lr_too_low",
        "capacity_too_small",
    )
    weight = 87
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "EMPTY = 0.0\n"
        "x = rng.integers(0, 2, (400, 12, 1)).astype('float32')\n"
        "ends = rng.integers(4, 13, 400)\n"
        "y = x[np.arange(400), ends - 1, 0]\n"
        "x[np.arange(12) >= ends[:, None]] = EMPTY\n"
        "model = keras.Sequential([\n"
        "    keras.Input((12, 1)),\n"
        "    layers.Masking(EMPTY),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=25, verbose=0)\n"
    )
    healthy = sick.replace("EMPTY = 0.0", "EMPTY = -1.0")

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Asks every mask that arrives what it hides beside padding."""
        for way in ways(model):
            array = array_before(way.maker, inputs, model)
            arrived = tuple(sites_of(way.reader, last_sites(xrays), model))
            if array is None or way.reader.masked is False or changing_values(way, model):
                continue
            hidden = _hidden(way, array, arrived)
            severity = _severity(progress, hidden.share)
            if severity is not None:
                yield self._finding(way, array, hidden, severity, fit, scripts)

    def _finding(
        self,
        way: Way,
        array: ArrayFacts,
        hidden: Hidden,
        severity: Severity,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        value = hidden_value(way.maker) or 0.0
        return self.found(
            f"{way.maker.name} hides every step that is {value:g}, and the data themselves have "
            f"such steps: {hidden.share:.0%} of those that are no padding never reach "
            f"{way.reader.name}.",
            severity=severity,
            confidence={"error": 0.85, "warning": 0.5}.get(severity, 0.3),
            place=way.maker.place or fit.place,
            layer=way.maker.name,
            evidence={
                "hidden_steps": number(hidden.share, "1"),
                "mask_value": number(value, "input units"),
            },
            treatments=[_treatment(way, array, hidden, scripts)],
        )


def changing_values(way: Way, model: ModelFacts) -> bool:
    """Whether what the mask compares is no longer what the data hold."""
    return way.maker.kind == "Masking" and changing(way.maker, model) is not None


def _severity(progress: Progress, share: float) -> Severity | None:
    if share < RARE:
        return None
    if not progress.poor:
        return "note" if share >= NATURAL else None
    return "error" if share >= NATURAL and progress.has_signal is not False else "warning"


def _hidden(way: Way, array: ArrayFacts, arrived: tuple[SiteMeasures, ...]) -> Hidden:
    """Returns the share of real steps that a mask hides, 0 where none is seen."""
    value, runs = hidden_value(way.maker), array.padding
    if value is None:
        return Hidden(0.0, False)
    if runs is not None and runs.value is not None and same(runs.value, value):
        # Zeros that fall at random end samples as well: that is no padding.
        inside, steps = runs.inside_share, array.shape[1] or 1
        chance = inside / max(1 - inside, 1 / steps) / steps
        longer, shorter = sorted((runs.tail_share, runs.head_share), reverse=True)
        # Padding lies at one end: what is hidden at the other belongs to the data.
        between = max(1 - longer - shorter, 0.0)
        share = (inside * between + shorter) / max(1 - longer, 1 / steps)
        return Hidden(share, longer > PADDED * chance)
    seen = [site.masked for site in arrived if site.masked is not None]
    return Hidden(max(seen, default=_counted(array, value)), runs is None or runs.value is not None)


def _counted(array: ArrayFacts, value: float) -> float:
    """Returns the share of a value among data that have one feature."""
    single = len(array.shape) == 2 or array.shape[-1] == 1
    equal = sum(count for text, count in array.values.items() if same(float(text), value))
    return equal / sum(array.values.values()) if single and array.values else 0.0


def _treatment(way: Way, array: ArrayFacts, hidden: Hidden, scripts: Scripts) -> Treatment:
    if way.maker.kind == "Embedding":
        return Treatment("ids-from-one", "Number the ids from 1 and keep 0 for padding.")
    free = math.floor(array.minimum or 0.0) - 1.0
    summary = f"Pad with a value that does not occur, such as {free:g}, and mask that one."
    return Treatment("free-value", summary, _edits(way, free, hidden, scripts))


def _edits(way: Way, free: float, hidden: Hidden, scripts: Scripts) -> Edits:
    """Returns the edits that pad with a free value and hide that, none if padding isn't seen."""
    call = layer_call(way.maker, scripts)
    if call is None or way.maker.place is None:
        return ()
    script = scripts[way.maker.place.file]
    masking = set_argument(call, script, "mask_value", f"{free:g}")
    pads = _pads(script)
    if hidden.padded and not pads:
        return ()
    return together(masking, *(set_argument(pad, script, "value", f"{free:g}") for pad in pads))


def _pads(script: Script) -> list[Call]:
    return list({call.node: call for call in script.calls if call.kind == "pad_sequences"}.values())
