"""Measurements in a few words, for rules that are asked without a recording."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

from unstuck.case.facts import (
    ArrayFacts,
    CompileFacts,
    FeatureFacts,
    FitFacts,
    HeadFacts,
    LossFacts,
    ModelFacts,
    OptimizerFacts,
    Place,
)
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.registry import rule
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome, PredictionFacts
from unstuck.record import Finding

PLACE = Place("train.py", 3)
PREDICTIONS = PredictionFacts((64, 1), 0, None, None, None, None, None, False)


def judge(code: str, **measured: Any) -> list[Finding]:
    """Lets one rule judge measurements; what a rule wants and is not given is an error."""
    given = {"scripts": {}, "fit": fit(), "lags": ()} | measured
    return list(rule(code).judge(SimpleNamespace(**given)))  # type: ignore[arg-type]


def progress(**told: Any) -> Progress:
    """A run of 600 steps that learned nothing although there is a signal."""
    fields: dict[str, Any] = {field.name: None for field in dataclasses.fields(Progress)}
    fields |= {"steps": 600, "falling": 0.0, "diverged": False, "skill": 0.0}
    fields |= {"signal": 0.9, "chance": 0.0, "travel": 3.0} | told
    return Progress(**fields | {"explained": told.get("explained", fields["skill"])})


def fit(**told: Any) -> FitFacts:
    """A call of fit on line 3."""
    given = {"epochs": 10, "batch_size": 32, "samples": 640, "place": PLACE} | told
    return FitFacts(**given)


def compiled(loss: str = "mean_squared_error") -> CompileFacts:
    """A call of compile with Adam."""
    return CompileFacts(OptimizerFacts("Adam", {}, 0.001), (LossFacts("dense", loss),))


def model(*layers: Any, parameters: int = 1000) -> ModelFacts:
    """A sequential model with a Dense head."""
    head = HeadFacts("dense", "dense", "Dense", "linear", (None, 1))
    return ModelFacts("m", "sequential", layers, (head,), parameters, parameters)


def array(role: str = "input", name: str = "x", **told: Any) -> ArrayFacts:
    """Normal data of shape (64, 5, 2), or what is told."""
    given: dict[str, Any] = {
        "shape": (64, 5, 2) if "input" in role else (64,),
        "dtype": "float32",
        "read": 64,
        "complete": True,
        "integral": False,
        "nonfinite": 0,
        "first_nonfinite": None,
        "minimum": -3.0,
        "maximum": 3.0,
        "mean": 0.0,
        "std": 1.0,
        "rms": 1.0,
        "features": (feature(), feature()) if "input" in role else (feature(),),
    }
    return ArrayFacts(name=name, role=role, **given | told)


def feature(mean: float = 0.0, std: float = 1.0, **told: Any) -> FeatureFacts:
    """One feature with three spreads to each side of its mean."""
    given = {"minimum": mean - 3 * std, "maximum": mean + 3 * std, "distinct": 64} | told
    return FeatureFacts(mean=mean, std=std, **given)


def result(split: str = "train", *, loss: float | None = 0.1, **told: Any) -> OutputOutcome:
    """An outcome whose best constant has a loss of 1."""
    given: dict[str, Any] = {
        "samples": 64,
        "constant_predictor": 1.0,
        "naive_forecast": None,
        "perfect": 0.0,
        "predictions": PREDICTIONS,
    }
    return OutputOutcome("dense", split, loss=loss, **given | told)


def output(loss: str = "mean_squared_error", **told: Any) -> Output:
    """The output of a Dense head."""
    head = HeadFacts("dense", "dense", "Dense", "linear", (None, 1))
    given: dict[str, Any] = {
        "target": array("target", "dense"),
        "train": result(),
        "validation": None,
        "metrics": (),
        "probe": None,
    }
    custom = told.pop("custom", False)
    return Output("dense", head, LossFacts("dense", loss, custom=custom), **given | told)


def outcome(**told: Any) -> OutcomeFacts:
    """What was measured after training."""
    return OutcomeFacts(outputs=(), **told)
