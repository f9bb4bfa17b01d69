"""What is written down about one training, from its first step to its outcome."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import warnings
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck import backends
from unstuck.backends.begun import begun
from unstuck.case.compiled import compile_facts, output_names
from unstuck.case.data import data_facts
from unstuck.case.facts import CompileFacts, ModelFacts, Place
from unstuck.case.fitting import FitArguments, fit_arguments, fit_facts
from unstuck.case.graph import fixed_batch
from unstuck.case.model import model_facts
from unstuck.case.stream import Tap
from unstuck.observe.composition import composition
from unstuck.observe.drive import drives
from unstuck.observe.outcome import FailureFacts, OutcomeFacts
from unstuck.observe.outcomes import Sample, outcome
from unstuck.observe.probe import COLUMNS, Probe, Steps
from unstuck.observe.recording import Recording
from unstuck.observe.rehearsals.clock import Budget
from unstuck.observe.rehearsals.planned import Planned, planned
from unstuck.observe.samples import first_rows, samples
from unstuck.observe.xray.capture import Batch
from unstuck.observe.xray.grids import kept
from unstuck.observe.xray.replay import XRayError
from unstuck.observe.xray.sites import variables
from unstuck.observe.xray.watching import SAMPLES, XRays

if TYPE_CHECKING:
    from unstuck.observe.monitor import Origins

BATCHES_FOR_FACTS = 4
"""Batches of a stream after which its data are first described, so that a killed run has them."""


class FitLog:
    """The log of one fit, or of a loop of fits from one line.

    Args:
        xray: Whether to look into the recurrent cells when the training is over.
        budget: What controls that train copies of the model may take.
    """

    def __init__(
        self,
        recording: Recording,
        model: Any,
        place: Place | None,
        origins: Origins | None,
        complain: Callable[[BaseException], None],
        xray: bool = True,
        budget: Budget | None = None,
    ) -> None:
        self._recording = recording
        self._model = weakref.ref(model)
        self._optimizer = weakref.ref(model.optimizer)
        self._place = place
        self._origins = origins
        self._complain = complain
        self._number = -1
        self._probe: Probe | None = None
        self._tap: Tap | None = None
        self._reading: Future[Any] | None = None
        self._arguments: FitArguments | None = None
        self._facts: ModelFacts | None = None
        self._compiled: CompileFacts | None = None
        self._base = 0
        self._steps = 0
        self._epochs = 0
        self._described = False
        self._measured = False
        self._xrays = XRays(model) if xray else None
        self._budget = budget or Budget(0)
        self._planned: Planned | None = None
        self._losses: list[float] = []
        self._started = time.monotonic()

    def repeats(self, model: Any, place: Place | None) -> bool:
        """Tells whether a new fit goes on with this one: same model, optimizer and line."""
        return (
            place is not None
            and place == self._place
            and self._model() is model
            and self._optimizer() is getattr(model, "optimizer", None)
            and self._epochs > 0
        )

    def start(self) -> None:
        """Takes the facts of model, compile, call and data, then attaches the probe."""
        self._number = self._recording.start_fit()
        model = self._model()
        assert model is not None
        places = self._origins
        self._describe_model(model)
        self._compiled = compile_facts(model, places.compile_place(model) if places else None)
        self._note("compile", self._compiled)
        self._arguments = fit_arguments(model)
        if self._arguments is not None:
            self._note("fit", fit_facts(self._arguments, self._place))
            self._take_data(model)
        if self._xrays is not None:
            self._xrays.begin(model)
        self._attach(model)

    def resume(self) -> None:
        """Attaches the probe again for the next call of a loop."""
        self._measured = False
        model = self._model()
        assert model is not None
        self._arguments = fit_arguments(model) or self._arguments
        self._attach(model)

    def epoch(self, logs: Mapping[str, Any]) -> None:
        """Notes the logs of an epoch."""
        if self._probe is not None:
            self._probe.drain()
        self._epochs += 1
        numbers = {name: float(np.asarray(value).mean()) for name, value in logs.items()}
        self._losses.append(numbers.get("loss", np.nan))
        self._recording.epoch(self._number, self._epochs - 1, self._steps, numbers)
        model = self._model()
        if self._xrays is not None and model is not None:
            self._xrays.rest(self._steps, lambda: backends.settled_values(model, variables(model)))

    def end(self, error: BaseException | None) -> None:
        """Lets go of the training; measures its outcome unless an exception ended it."""
        self.release()
        model = self._model()
        if model is not None and self._facts is not None and self._facts.kind == "subclassed":
            # Its own call has built it by now, so that its layers have shapes and an order.
            self._describe_model(model)
        if error is not None:
            self._note("failure", FailureFacts(type(error).__name__, str(error)[:2000]))
            self._describe()
            return
        if self._epochs != 1 or self._base == 0:
            self._describe()
        # The first fit of a loop is measured at once; its repetitions when the loop is over.
        if self._base == 0:
            self.measure_outcome()

    def release(self) -> None:
        """Takes probe and tap out."""
        if self._probe is not None:
            self._probe.detach()
            self._probe = None
        if self._tap is not None:
            self._tap.close()

    def measure_outcome(self) -> None:
        """Predicts on a sample and notes what came out, once for each state of training."""
        model = self._model()
        if self._measured or model is None or self._facts is None or self._compiled is None:
            return
        self._measured = True
        try:
            with warnings.catch_warnings(), backends.current().generators_kept():
                # The user's training has said whatever Keras warns of; once is enough.
                warnings.simplefilter("ignore")
                rows = samples(model, self._arguments, self._tap)
                if rows:
                    found = outcome(model, self._facts, self._compiled, rows)
                    self._note("outcome", found)
                    self._take_xrays(model, rows[0])
                    self._plan(model, found, rows)
        except Exception as error:
            self._complain(error)

    def rehearse(self) -> None:
        """Trains copies of the model, where its training left something to ask."""
        plan, self._planned = self._planned, None
        if plan is None:
            return
        try:
            with warnings.catch_warnings(), backends.current().generators_kept():
                warnings.simplefilter("ignore")
                self._note("rehearsals", plan.run(self._budget, self._complain))
        except Exception as error:
            self._complain(error)

    def _plan(self, model: Any, found: OutcomeFacts, rows: list[Sample]) -> None:
        assert self._facts is not None
        batch = self._arguments.batch_size if self._arguments is not None else None
        trained = time.monotonic() - self._started
        self._planned = None
        if not self._budget.none:
            twin = self._budget.twin is not None
            self._planned = planned(
                model, self._facts, found, rows, batch, self._losses, trained, twin
            )

    def _take_xrays(self, model: Any, sample: Sample) -> None:
        """Looks into the cells with a few rows of the training data."""
        batch = self._batch(model, sample)
        if self._xrays is None or batch is None:
            return
        places = self._origins
        with contextlib.suppress(XRayError):  # such a model can't be looked into: nothing is lost
            self._xrays.take(
                model,
                batch,
                self._steps,
                lambda one: self._recording.xray(
                    self._number,
                    one.facts,
                    {trace.site.name: kept(trace) for trace in one.traces},
                ),
                places.place_of if places else lambda layer: None,
            )

    def _batch(self, model: Any, sample: Sample) -> Batch | None:
        """Returns the fixed batch: the first rows, as many as the model fixes if it does."""
        fixed = fixed_batch(model)
        weights = next(iter(sample.weights.values()), None) if len(sample.weights) == 1 else None
        batch = Batch(sample.x, sample.y, weights)
        if fixed is not None and batch.samples < fixed:
            return None
        return batch.taken(slice(0, fixed or SAMPLES))

    def _describe_model(self, model: Any) -> None:
        places = self._origins
        self._facts = model_facts(model, places.place_of if places else lambda thing: None)
        self._note("model", self._facts)

    def _attach(self, model: Any) -> None:
        self._base = self._steps
        self._probe = Probe(model, self._receive, self._complain)
        self._probe.attach()

    def _take_data(self, model: Any) -> None:
        assert self._arguments is not None
        if self._arguments.streamed:
            self._tap = Tap(self._arguments)
            return
        # Beside the first step, which compiles: arrays are read without Python for the most part.
        self._reading = begun(data_facts, model, self._arguments)
        self._note("drives", list(drives(model, first_rows(model, self._arguments))))

    def _describe(self) -> None:
        """Notes the facts of the data: of arrays, or of the batches seen of a stream."""
        model = self._model()
        if self._described or model is None or self._arguments is None:
            return
        self._described = True
        source = self._arguments if self._tap is None else self._tap
        read = self._reading.result() if self._reading is not None else data_facts(model, source)
        self._note("data", read)
        names = tuple(output_names(model))
        self._note("composition", composition(names, self._arguments, self._tap))

    def _receive(self, steps: Steps) -> None:
        if self._steps == 0 and self._probe is not None:
            self._note("columns", [name.lower() for name in COLUMNS])
            self._note("watched", [dataclasses.asdict(item) for item in self._probe.watched])
        count = len(steps.loss)
        columns = [
            steps.loss[:, None],
            steps.learning_rate[:, None],
            steps.values.reshape(count, -1),
        ]
        self._recording.steps(
            self._number, self._base + steps.first, np.concatenate(columns, axis=1)
        )
        self._steps = self._base + steps.first + count
        if self._xrays is not None and self._probe is not None:
            self._watch_inside(self._xrays, self._probe, steps)
        if self._tap is None or len(self._tap.batches) >= BATCHES_FOR_FACTS:
            self._describe()

    def _watch_inside(self, xrays: XRays, probe: Probe, steps: Steps) -> None:
        model = self._model()
        if model is not None:
            xrays.pass_by(steps, self._steps, lambda: probe.values(variables(model)))

    def _note(self, name: str, value: Any) -> None:
        self._recording.fact(self._number, name, value)
