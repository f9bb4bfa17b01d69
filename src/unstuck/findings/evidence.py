"""The measurements of one fit, by the names under which rules ask for them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unstuck.case.facts import (
    ArrayFacts,
    CompileFacts,
    DataFacts,
    FitFacts,
    HeadFacts,
    LossFacts,
    ModelFacts,
)
from unstuck.case.script import Script
from unstuck.findings.course import Course, course
from unstuck.findings.progress import Progress, progress
from unstuck.findings.series import StepSeries, Watched, step_series
from unstuck.observe.outcome import (
    CompositionFacts,
    DriveFacts,
    FailureFacts,
    LossProbeFacts,
    OutcomeFacts,
    OutputOutcome,
    SignalFacts,
)
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.observe.xray.facts import LagFacts, XRayFacts

if TYPE_CHECKING:
    import numpy.typing as npt

    from unstuck.observe.recording import RecordedFit

Floats: TypeAlias = "npt.NDArray[np.float64]"


@dataclasses.dataclass(frozen=True)
class Output:
    """One output of the model with everything that belongs to it.

    Attributes:
        target: None where the data could not be read.
        train: Outcome on the training sample, None where the fit did not get so far.
        validation: Likewise on the validation sample.
        metrics: Names of the metrics that the user asked for.
        probe: How a custom loss behaves; None for a stock loss.
    """

    name: str
    head: HeadFacts
    loss: LossFacts
    target: ArrayFacts | None
    train: OutputOutcome | None
    validation: OutputOutcome | None
    metrics: tuple[str, ...]
    probe: LossProbeFacts | None


class Evidence:
    """The measurements of one fit; each is worked out when a rule first asks for it."""

    def __init__(self, fit: RecordedFit, scripts: Mapping[str, Script]) -> None:
        self._fit = fit
        self._scripts = scripts

    @functools.cached_property
    def backend(self) -> str | None:
        """The Keras backend: "jax", "tensorflow" or "torch"."""
        return self._fit.backend

    @functools.cached_property
    def model(self) -> ModelFacts | None:
        """The model's facts."""
        return self._fit.fact("model", ModelFacts)

    @functools.cached_property
    def compiled(self) -> CompileFacts | None:
        """What ``compile`` was given."""
        return self._fit.fact("compile", CompileFacts)

    @functools.cached_property
    def fit(self) -> FitFacts | None:
        """How ``fit`` was called."""
        return self._fit.fact("fit", FitFacts)

    @functools.cached_property
    def data(self) -> DataFacts | None:
        """Statistics of the data."""
        return self._fit.fact("data", DataFacts)

    @functools.cached_property
    def outcome(self) -> OutcomeFacts | None:
        """Predictions and controls after training."""
        return self._fit.fact("outcome", OutcomeFacts)

    @functools.cached_property
    def composition(self) -> tuple[CompositionFacts, ...] | None:
        """How far the batches are mixtures."""
        return self._fit.fact("composition", tuple[CompositionFacts, ...])

    @functools.cached_property
    def drives(self) -> tuple[DriveFacts, ...] | None:
        """How strongly the data drive the gates at the start."""
        return self._fit.fact("drives", tuple[DriveFacts, ...])

    @functools.cached_property
    def rehearsals(self) -> RehearsalFacts | None:
        """What short trainings of copies of the model gave."""
        return self._fit.fact("rehearsals", RehearsalFacts)

    @functools.cached_property
    def failure(self) -> FailureFacts | None:
        """The exception that ended the fit."""
        return self._fit.fact("failure", FailureFacts)

    @functools.cached_property
    def steps(self) -> StepSeries | None:
        """Loss, rate, gradients and updates at every step."""
        watched = self._fit.fact("watched", tuple[Watched, ...])
        columns = self._fit.fact("columns", tuple[str, ...])
        series = self._fit.series()
        if watched is None or columns is None or series is None:
            return None
        return step_series(series, columns, watched)

    @functools.cached_property
    def epochs(self) -> tuple[tuple[int, int, dict[str, float]], ...]:
        """(epoch, steps so far, logs) of every epoch that ended."""
        return tuple(self._fit.epochs())

    @functools.cached_property
    def signal(self) -> tuple[SignalFacts, ...]:
        """What a closed-form model can learn from the inputs."""
        return self.outcome.signal if self.outcome else ()

    @functools.cached_property
    def xrays(self) -> tuple[XRayFacts, ...]:
        """What happened inside the recurrent cells, in the order of training."""
        return self._fit.xrays()

    @functools.cached_property
    def lags(self) -> tuple[LagFacts, ...]:
        """How far back the inputs inform each output's targets."""
        return self.outcome.lags if self.outcome else ()

    @functools.cached_property
    def inputs(self) -> tuple[ArrayFacts, ...] | None:
        """The input arrays of the training data."""
        return self.data.role("input") if self.data else None

    @functools.cached_property
    def outputs(self) -> tuple[Output, ...] | None:
        """Every output that has a loss."""
        if self.model is None or self.compiled is None:
            return None
        heads = {head.output: head for head in self.model.heads}
        return tuple(
            self._output(heads[loss.output], loss)
            for loss in self.compiled.losses
            if loss.output in heads
        )

    @functools.cached_property
    def progress(self) -> Progress:
        """Whether it is training, judged by loss, controls and finiteness."""
        return progress(self.steps, self.epochs, self.outcome, self.compiled)

    @functools.cached_property
    def course(self) -> Course:
        """Step sizes and jumps against the usual and against the run's own median."""
        return course(self.steps, self.compiled)

    @functools.cached_property
    def script(self) -> Script | None:
        """The source file that called ``compile`` or made the model, if it can be read."""
        places = [
            facts.place.file
            for facts in (self.compiled, self.model, self.fit)
            if facts is not None and facts.place is not None
        ]
        return next((self._scripts[file] for file in places if file in self._scripts), None)

    @property
    def scripts(self) -> Mapping[str, Script]:
        """All source files of the user by path."""
        return self._scripts

    def _output(self, head: HeadFacts, loss: LossFacts) -> Output:
        name = loss.output
        targets = [a for a in (self.data.role("target") if self.data else ()) if a.name == name]
        outcomes: dict[str, Any] = {
            result.split: result
            for result in (self.outcome.outputs if self.outcome else ())
            if result.output == name
        }
        metrics = self.compiled.metrics if self.compiled else {}
        probes = [p for p in (self.outcome.probes if self.outcome else ()) if p.output == name]
        return Output(
            name=name,
            head=head,
            loss=loss,
            target=targets[0] if targets else None,
            train=outcomes.get("train"),
            validation=outcomes.get("validation"),
            metrics=metrics.get(name, ()),
            probe=probes[0] if probes else None,
        )
