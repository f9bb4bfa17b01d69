"""Recordings of one fit, written from a few words and judged by one rule."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unstuck.case.facts import (
    ArrayFacts,
    CompileFacts,
    DataFacts,
    FeatureFacts,
    FitFacts,
    HeadFacts,
    LayerFacts,
    LossFacts,
    ModelFacts,
    OptimizerFacts,
    Place,
)
from unstuck.case.script import Script
from unstuck.findings.evidence import Evidence
from unstuck.findings.registry import rule
from unstuck.findings.series import Watched
from unstuck.observe.outcome import (
    DriveFacts,
    FailureFacts,
    LossProbeFacts,
    OutcomeFacts,
    OutputOutcome,
    PredictionFacts,
    SignalFacts,
)
from unstuck.observe.recording import Recording, reading
from unstuck.observe.xray.facts import LagFacts, XRayFacts
from unstuck.record import Finding

FILE = "train.py"
COLUMNS = (
    "gradient_norm",
    "clipped_norm",
    "gradient_max",
    "nonfinite",
    "weight_norm",
    "update_norm",
)


def array_facts(values: Any, role: str, name: str = "dense") -> ArrayFacts:
    """Facts of an array, computed here on their own."""
    array = np.asarray(values, dtype=np.float64)
    finite = array[np.isfinite(array)]
    kinds, counts = np.unique(finite, return_counts=True)
    rows = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array[:, None]
    low, high = np.quantile(finite, [0.25, 0.75])
    spread = high - low or np.inf
    bulk = finite[(finite >= low - 5 * spread) & (finite <= high + 5 * spread)]
    sums = (rows >= 0).all(1) & (np.abs(rows.sum(1) - 1) < 1e-5)
    return ArrayFacts(
        name=name,
        role=role,
        shape=array.shape,
        dtype="float32",
        read=len(array),
        complete=True,
        integral=bool((finite == np.round(finite)).all()),
        nonfinite=int(array.size - finite.size),
        first_nonfinite=None,
        minimum=float(finite.min()),
        maximum=float(finite.max()),
        mean=float(finite.mean()),
        std=float(finite.std()),
        rms=float(np.sqrt((finite**2).mean())),
        bulk_rms=float(np.sqrt((bulk**2).mean())) if "target" in role else None,
        features=tuple(
            FeatureFacts(*(float(f(c)) for f in (np.mean, np.std, np.min, np.max)), 2)
            for c in np.where(np.isfinite(rows), rows, 0).T
        ),
        values={str(float(k)): int(n) for k, n in zip(kinds, counts, strict=True)}
        if len(kinds) <= 256
        else {},
        row_sum_one=float(sums.mean()) if array.ndim > 1 else None,
        one_hot=float((sums & ((rows == 0) | (rows == 1)).all(1)).mean())
        if array.ndim > 1
        else None,
    )


def prediction_facts(values: Any, target: Any, classes: bool) -> PredictionFacts:
    array = np.asarray(values, dtype=np.float64)
    labels: dict[str, Any] = {}
    if classes:
        chosen = array.argmax(-1) if array.shape[-1] > 1 else (array[..., 0] > 0.5).astype(int)
        wide = np.ndim(target) == array.ndim and np.shape(target)[-1] > 1
        actual = np.asarray(target).argmax(-1) if wide else np.asarray(target)
        chosen, actual = chosen.reshape(-1), actual.reshape(-1)
        kinds = [(f"{kind:g}", actual == kind) for kind in np.unique(actual)]
        labels = {
            "actual": {name: int(mask.sum()) for name, mask in kinds},
            "recall": {name: float((chosen == actual)[mask].mean()) for name, mask in kinds},
        }
    finite = array[np.isfinite(array)]
    return PredictionFacts(
        shape=array.shape,
        nonfinite=int(array.size - finite.size),
        minimum=float(finite.min()) if finite.size else None,
        maximum=float(finite.max()) if finite.size else None,
        mean=None,
        spread=None,
        target_spread=None,
        constant=False,
        **labels,
    )


class Run:
    """One fit in words; what is left out is what a plain run would have."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def __call__(
        self,
        code: str,
        y: Any,
        *,
        units: int = 1,
        activation: str | None = "linear",
        kind: str = "Dense",
        loss: str = "mean_squared_error",
        from_logits: bool | None = None,
        custom: bool = False,
        own_step: bool = False,
        shape: tuple[int | None, ...] | None = None,
        layers: tuple[LayerFacts, ...] = (),
        x: Any = None,
        predictions: Any = None,
        skill: float | None = None,
        loss_value: float | None = None,
        constant: float | None = None,
        metrics: tuple[str, ...] = (),
        logs: Mapping[str, float] | None = None,
        probe: LossProbeFacts | None = None,
        failure: FailureFacts | None = None,
        losses: Any = None,
        gradients: float = 1.0,
        nonfinite_at: int | None = None,
        signal: float = 0.9,
        source: str | None = None,
        head_line: int = 1,
        compile_line: int = 1,
    ) -> list[Finding]:
        """Writes the recording of such a fit, reads it back, and lets one rule judge it."""
        place = Place(FILE, compile_line)
        head = HeadFacts(
            "dense", "dense", kind, activation, shape or (None, units), Place(FILE, head_line)
        )
        x = np.zeros((len(y), 5, 2)) if x is None else x
        path = self._folder / f"{self._count}.recording"
        self._count += 1
        recording = Recording(path)
        fit = recording.start_fit()
        recording.fact(fit, "model", ModelFacts("m", "sequential", layers, (head,), 9, 9))
        compiled = CompileFacts(
            OptimizerFacts("Adam", {}, 0.001),
            () if own_step else (LossFacts("dense", loss, from_logits, custom, place),),
            {"dense": metrics},
            place=place,
        )
        recording.fact(fit, "compile", compiled)
        recording.fact(fit, "fit", FitFacts(epochs=2, batch_size=16, samples=len(y)))
        arrays = (array_facts(x, "input", "x"), array_facts(y, "target"))
        recording.fact(fit, "data", DataFacts(arrays))
        if predictions is not None:
            value, best = _losses(skill, loss_value, constant)
            facts = prediction_facts(predictions, y, "crossentropy" in loss)
            outcome = OutputOutcome("dense", "train", len(y), value, best, None, 0.0, facts)
            signals = (SignalFacts("dense", signal, 0.0, len(y)),)
            probes = (probe,) if probe else ()
            recording.fact(fit, "outcome", OutcomeFacts((outcome,), signals, probes))
        if failure is not None:
            recording.fact(fit, "failure", failure)
        self._steps(recording, fit, losses, gradients, nonfinite_at)
        recording.epoch(fit, 0, 10, logs or {})
        recording.close()
        scripts = {} if source is None else {FILE: Script.parse(source, FILE)}
        with reading(path) as recorded:
            return list(rule(code).judge(Evidence(recorded.fits()[0], scripts)))

    @staticmethod
    def _steps(
        recording: Recording, fit: int, losses: Any, gradients: float, nonfinite_at: int | None
    ) -> None:
        course = np.linspace(1.0, 0.5, 20) if losses is None else np.asarray(losses, float)
        values = np.tile([gradients, gradients, gradients, 0.0, 2.0, 0.01], (len(course), 1))
        if nonfinite_at is not None:
            values[nonfinite_at:, 3] = 4
        rate = np.full((len(course), 1), 0.001)
        rows = np.concatenate([course[:, None], rate, values], axis=1).astype(np.float32)
        recording.fact(fit, "watched", [Watched("dense/kernel", "dense", "kernel", (2, 2))])
        recording.fact(fit, "columns", COLUMNS)
        recording.steps(fit, 0, rows)


def _losses(
    skill: float | None, value: float | None, constant: float | None
) -> tuple[float | None, float | None]:
    if skill is not None:
        return 1.0 - skill, 1.0
    return value, constant


@pytest.fixture
def judged(tmp_path: Path) -> Run:
    return Run(tmp_path)


@pytest.fixture
def suspected() -> Callable[[str, str], list[Finding]]:
    """Lets one rule read a script."""

    def suspect(code: str, source: str) -> list[Finding]:
        return list(rule(code).suspect(Script.parse(source, FILE)))

    return suspect


@pytest.fixture
def lstm() -> Callable[..., LayerFacts]:
    """Makes the facts of a recurrent layer over 5 steps."""

    def make(returns: bool, steps: int | None = 5, line: int = 1, **config: Any) -> LayerFacts:
        shape = (None, steps, 4) if returns else (None, 4)
        config["return_sequences"] = returns
        return LayerFacts("lstm", "LSTM", config, (None, steps, 2), shape, place=Place(FILE, line))

    return make


class Written:
    """Recordings of one fit made of facts, read back as evidence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def judge(self, code: str, **words: Any) -> list[Finding]:
        """Lets one rule judge the fit that the words describe, see ``evidence``."""
        with self.evidence(**words) as evidence:
            return list(rule(code).judge(evidence))

    @contextlib.contextmanager
    def evidence(
        self,
        *,
        x: Any = None,
        y: Any = None,
        inputs: Mapping[str, Any] | None = None,
        targets: Mapping[str, Any] | None = None,
        layers: tuple[LayerFacts, ...] = (),
        units: int = 1,
        activation: str = "linear",
        loss: str = "mean_squared_error",
        optimizer: str = "Adam",
        rate: float = 0.001,
        skill: float | None = 0.0,
        held_out: float | None = None,
        naive: float | None = None,
        predictions: Mapping[str, Any] | None = None,
        signal: float | None = 0.9,
        losses: Any = None,
        gradient: Any = 1.0,
        weight: Any = 2.0,
        update: Any = 0.02,
        nonfinite: Any = 0.0,
        logs: tuple[Mapping[str, float | None], ...] = (),
        drives: tuple[DriveFacts, ...] | None = None,
        xrays: tuple[XRayFacts, ...] = (),
        lags: tuple[LagFacts, ...] = (),
        variables: Mapping[str, Mapping[str, Any]] | None = None,
        failure: FailureFacts | None = None,
        backend: str | None = None,
        fit: Mapping[str, Any] | None = None,
        source: str | None = None,
        lines: Mapping[str, int] | None = None,
    ) -> Iterator[Evidence]:
        """Writes one fit: what is left out is what a plain run on normal data would have.

        Args:
            inputs: Fields of the facts of x that differ from what x itself has.
            targets: Likewise for y.
            predictions: Fields of the facts of the predictions.
            losses, gradient, weight, update, nonfinite: A number, or one for each step.
            variables: By "layer/weight", what differs for it: "shape", and of the measurements of
                the steps "gradient", "weight" and "update". Without, there is one kernel.
            lines: Lines of the calls of "compile" and "fit" in the source.
        """
        line = {"compile": 1, "fit": 1} | dict(lines or {})
        x = np.random.default_rng(0).normal(size=(64, 5, 2)) if x is None else np.asarray(x)
        y = np.random.default_rng(1).normal(size=len(x)) if y is None else np.asarray(y)
        path = self._folder / f"written-{self._count}.recording"
        self._count += 1
        recording = Recording(path)
        number = recording.start_fit()
        head = HeadFacts("dense", "dense", "Dense", activation, (None, units))
        recording.fact(number, "model", ModelFacts("m", "sequential", layers, (head,), 9, 9))
        place = Place(FILE, line["compile"])
        recording.fact(
            number,
            "compile",
            CompileFacts(
                OptimizerFacts(optimizer, {}, rate),
                (LossFacts("dense", loss, None, False, place),),
                place=place,
            ),
        )
        given = {"epochs": 2, "batch_size": 32, "samples": len(x)} | dict(fit or {})
        recording.fact(number, "fit", FitFacts(**given, place=Place(FILE, line["fit"])))
        arrays = (
            dataclasses.replace(array_facts(x, "input", "x"), **dict(inputs or {})),
            dataclasses.replace(array_facts(y, "target"), **dict(targets or {})),
        )
        recording.fact(number, "data", DataFacts(arrays))
        if drives is not None:
            recording.fact(number, "drives", drives)
        told = dict(predictions or {})
        facts = PredictionFacts(
            (len(y), units), told.pop("nonfinite", 0), None, None, None, None, None, False,
            explained=told.pop("explained", skill), **told,
        )  # fmt: skip
        splits = [("train", skill), ("validation", held_out)]
        results = tuple(
            OutputOutcome("dense", split, len(y), 1 - value, 1.0, naive, 0.0, facts)
            for split, value in splits
            if value is not None
        )
        signals = () if signal is None else (SignalFacts("dense", signal, 0.0, len(y)),)
        recording.fact(number, "outcome", OutcomeFacts(results, signals, (), lags))
        course = np.linspace(1.0, 0.99, 60) if losses is None else np.asarray(losses, float)
        columns, watched = [course, rate], []
        for name, one in (variables or {"lstm/kernel": {}}).items():
            layer, _, kept = name.rpartition("/")
            watched.append(Watched(name, layer, kept, one.get("shape", (2, 2))))
            norm = one.get("gradient", gradient)
            moved = [one.get("weight", weight), one.get("update", update)]
            columns += [norm, norm, norm, one.get("nonfinite", nonfinite), *moved]
        rows = np.stack([np.broadcast_to(np.float32(c), course.shape) for c in columns], axis=1)
        recording.fact(number, "watched", watched)
        recording.fact(number, "columns", COLUMNS)
        recording.steps(number, 0, rows)
        for one in xrays:
            recording.xray(number, one)
        if backend is not None:
            recording.meta("backend", backend)
        if failure is not None:
            recording.fact(number, "failure", failure)
        for epoch, values in enumerate(logs):
            recording.epoch(number, epoch, (epoch + 1) * len(course) // len(logs), dict(values))
        recording.close()
        scripts = {} if source is None else {FILE: Script.parse(source, FILE)}
        with reading(path) as recorded:
            yield Evidence(recorded.fits()[0], scripts)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


@pytest.fixture
def cell() -> Callable[..., LayerFacts]:
    """Makes the facts of a layer."""

    def make(
        kind: str = "LSTM",
        name: str | None = None,
        shape: tuple[int | None, ...] = (None, 5, 2),
        line: int | None = None,
        inputs: tuple[str, ...] = (),
        masked: bool | None = False,
        **config: Any,
    ) -> LayerFacts:
        return LayerFacts(
            name or kind.lower(),
            kind,
            config,
            shape,
            None,
            inputs,
            masked=masked,
            place=None if line is None else Place(FILE, line),
        )

    return make
