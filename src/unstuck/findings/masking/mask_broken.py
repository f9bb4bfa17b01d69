"""Masks that are made and do not arrive, or arrive and hide nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.masking.padding_not_masked import COMMON, FORGET, KEPT, padding
from unstuck.findings.masking.paths import (
    Way,
    array_before,
    changing,
    hidden_value,
    same,
    ways,
)
from unstuck.findings.masking.written import drops, mover, way_to_mask
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, last_sites, sites_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, layer_call
from unstuck.observe.xray.facts import SiteMeasures
from unstuck.record import Edit, Finding, Severity, Treatment


@dataclasses.dataclass(frozen=True)
class Break:
    """Where a mask ends.

    Attributes:
        layer: The layer to blame.
        how: What it does, as the end of a sentence about the mask.
        treatment: What to do.
    """

    layer: LayerFacts
    how: str
    treatment: Treatment


class MaskBroken(Rule):
    """A mask is lost, or a layer before Masking changes the mask value.

    ## What it finds
    A ``Masking`` layer or an ``Embedding`` with ``mask_zero`` whose mask does not reach the
    recurrent layer behind it, or reaches it and hides no step although the data are padded.

    ## Why LSTMs get this
    Keras hands a mask on from layer to layer. ``Conv1D``, ``Reshape``, ``Lambda``, plain arithmetic
    on tensors and layers of one's own without ``supports_masking`` drop it with a warning at most.
    And ``Masking`` compares values: after scaling, a ``BatchNormalization`` or a ``Dense`` the
    padding no longer equals ``mask_value``. The model has a mask by name, and reads the padding.

    ## How it is measured
    Whether a mask arrives at each layer; the share of steps that it hides at the recurrent layer;
    the runs of padding in the data; what a cell keeps of its state over such a run.

    ## What proves it
    The share of hidden steps is exactly zero while the data are padded; the same run with the
    layer moved.

    ## What cures it
    ``Masking`` behind layers that drop masks and in front of those that change values; scale the
    data before padding them; ``supports_masking = True`` in a layer of one's own.

    ## False alarms
    Padding in front of the sequences, or short: nothing is said where a cell remembers across it.
    A run that learns gets a note.

    ## References
    Keras guide, Understanding masking and padding.
    """

    code = "MSK103"
    name = "broken-mask"
    cause = "mask_broken"
    explains = (
        "padding_not_masked",
        "vanishing_gradients",
        "too_few_updates",
        "class_imbalance",
        "sequence_too_long",
        "lr_too_low",
    )
    weight = 86
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "texts = [rng.integers(1, 50, rng.integers(3, 9)) for _ in range(400)]\n"
        "y = np.array([text[0] > 25 for text in texts], dtype='float32')\n"
        "x = keras.utils.pad_sequences(texts, maxlen=60, padding='post')\n"
        "model = keras.Sequential([\n"
        "    keras.Input((60,)),\n"
        "    layers.Embedding(50, 8, mask_zero=True),\n"
        "    layers.Conv1D(8, 1),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
    )
    healthy = sick.replace("Conv1D(8, 1)", "Dense(8)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds layers that drop a mask on its way, or change its value before it is made."""
        found = {}
        for model in script.models:
            for layer in model.layers:
                chain = way_to_mask(layer)
                dropping = [one for one in chain[1:-1] if drops(one)]
                moving = mover(chain[-1]) if chain and chain[-1].kind == "Masking" else None
                if dropping:
                    found[dropping[-1].node] = self._dropped(dropping[-1], chain[-1])
                elif moving is not None:
                    found[chain[-1].node] = self._changed(moving, chain[-1])
        yield from found.values()

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Follows every mask to the recurrent layer that should get it."""
        for way in ways(model):
            array = array_before(way.maker, inputs, model)
            arrived = tuple(sites_of(way.reader, last_sites(xrays), model))
            broken = _lost(way) or _moved(way, array, model, arrived, scripts)
            if broken is None:
                continue
            steps = _padded(way, array, arrived)
            severity = _severity(progress, steps, array)
            if severity is not None:
                yield self._finding(way, broken, steps, severity, fit)

    def _finding(
        self, way: Way, broken: Break, steps: float | None, severity: Severity, fit: FitFacts
    ) -> Finding:
        read = (
            f": {steps:.0f} steps of padding are read as data, and a cell keeps about "
            f"{FORGET**steps:.1g} of what it read before them"
            if steps is not None
            else ""
        )
        return self.found(
            f"{way.maker.name} makes a mask, but {broken.how}{read}.",
            severity=severity,
            confidence={"error": 0.92, "warning": 0.6}.get(severity, 0.4),
            place=broken.layer.place or way.maker.place or fit.place,
            layer=broken.layer.name,
            evidence={
                "padding_read_as_data": number(steps, "time steps"),
                "state_kept": number(None if steps is None else FORGET**steps, "1"),
            },
            treatments=[broken.treatment],
        )

    def _dropped(self, loser: Call, maker: Call) -> Finding:
        return self.found(
            f"{maker.kind} makes a mask, but {loser.kind} doesn't hand masks on, so the recurrent "
            "layer reads the padding.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=loser.place,
            treatments=[_treatment(loser.kind, maker.kind, moved=False)],
        )

    def _changed(self, mover: Call, maker: Call) -> Finding:
        return self.found(
            f"{mover.kind} in front of Masking changes the value that it should hide.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=maker.place,
            treatments=[_treatment(mover.kind, maker.kind, moved=True)],
        )


def _severity(progress: Progress, steps: float | None, array: ArrayFacts | None) -> Severity | None:
    if steps is not None and FORGET**steps < KEPT:
        return "error" if progress.poor else "note"
    runs = array.padding if array is not None else None
    # In front of a sequence, padding does less harm, or none.
    in_front = runs is not None and runs.head_samples >= COMMON and runs.lengths_vary
    return "warning" if progress.poor and (steps is None or in_front) else None


def _treatment(blamed: str, maker: str, moved: bool, edits: Edits = ()) -> Treatment:
    if moved:
        return Treatment(
            "mask-first", f"Put {maker} in front of {blamed}, which hands masks on.", edits
        )
    return Treatment(
        "keep-the-mask",
        f"Take {blamed} out, or mask behind it; a layer of your own hands masks on with "
        "self.supports_masking = True.",
        edits,
    )


def _lost(way: Way) -> Break | None:
    """Names the layer that the mask reached and did not leave."""
    loser = way.loser
    if loser is None:
        return None
    how = f"{loser.name} ({loser.kind}) doesn't hand it on, so none reaches {way.reader.name}"
    return Break(loser, how, _treatment(loser.name, way.maker.name, moved=False))


def _moved(
    way: Way,
    array: ArrayFacts | None,
    model: ModelFacts,
    arrived: tuple[SiteMeasures, ...],
    scripts: Scripts,
) -> Break | None:
    """Names what keeps a mask that arrives from hiding any step."""
    value, changer = hidden_value(way.maker), changing(way.maker, model)
    if way.reader.masked is False or value is None or any(site.masked != 0 for site in arrived):
        return None
    if way.maker.kind == "Masking" and changer is not None:
        how = f"{changer.name} ({changer.kind}) in front of it changes what it should hide, so it "
        edits = _swap(changer, way.maker, scripts)
        treatment = _treatment(changer.name, way.maker.name, moved=True, edits=edits)
        return Break(way.maker, f"{how}hides nothing", treatment)
    padded = None if array is None or array.padding is None else array.padding.value
    if padded is not None and changer is None and not same(padded, value):
        how = f"the sequences are padded with {padded:.6g}, and it hides {value:.6g} only"
        return Break(way.maker, how, _value(way.maker, padded, scripts))
    if any(site.repeated > 0 for site in arrived):
        how = f"no step of the data is {value:.6g} throughout, so it hides nothing"
        return Break(way.maker, how, _value(way.maker, None, scripts))
    return None


def _value(maker: LayerFacts, padded: float | None, scripts: Scripts) -> Treatment:
    call = layer_call(maker, scripts) if maker.kind == "Masking" else None
    edits: Edits = ()
    # A number that a scaler made has more digits than one can write.
    written = padded is not None and round(padded, 3) == padded
    if call is not None and maker.place is not None and written:
        edits = set_argument(call, scripts[maker.place.file], "mask_value", f"{padded:g}")
    return Treatment(
        "same-value", "Pad with the value that is hidden, after scaling the data.", edits
    )


def _padded(way: Way, array: ArrayFacts | None, arrived: tuple[SiteMeasures, ...]) -> float | None:
    """Returns the mean run of padding that the recurrent layer reads, None if it isn't known."""
    seen = [site.repeated * site.site.steps for site in arrived]
    if array is None or array.padding is None:
        return max(seen, default=None)
    steps, share = padding(array, bool(way.reader.config.get("go_backwards")))
    return max([steps if share >= COMMON else 0.0, *seen])


def _swap(one: LayerFacts, other: LayerFacts, scripts: Scripts) -> Edits:
    """Returns the edits that swap two layers that are made in the same words on two lines."""
    script = scripts.get(one.place.file) if one.place is not None else None
    calls = [layer_call(layer, scripts) for layer in (one, other)]
    if script is None or any(c is None or c.line != c.end_line for c in calls):
        return ()
    (first, before, around), (second, behind, beside) = (
        _line(call, script) for call in calls if call is not None
    )
    if around != beside or first == second:
        return ()
    return (Edit(first, before, behind), Edit(second, behind, before))


def _line(call: Call, script: Script) -> tuple[int, str, tuple[str, str]]:
    """Returns the line of a call: its number, its text, and the text around the call."""
    line = script.lines[call.line - 1]
    raw = line.encode()
    around = (raw[: call.node.col_offset], raw[call.node.end_col_offset :])
    return call.line, line, (around[0].decode(), around[1].decode())
