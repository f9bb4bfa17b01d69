"""An x-ray as Python code and notebooks see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.errors import UsageError
from unstuck.observe.xray.facts import LagFacts, SiteMeasures, XRayFacts
from unstuck.observe.xray.trace import Trace

Array = npt.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class NamedArray:
    """An array whose axes have names; NumPy takes it as the array that it holds.

    Attributes:
        dims: One name an axis, "sample", "time" and "unit" for example.
    """

    values: Array
    dims: tuple[str, ...]
    name: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.values.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.values, dtype=dtype, copy=True if copy else None)

    def __getitem__(self, index: Any) -> Any:
        return self.values[index]

    def __repr__(self) -> str:
        axes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims, self.shape, strict=True))
        return f"<{self.name or 'array'} ({axes})>\n{self.values!r}"

    def to_xarray(self) -> Any:
        """Returns an ``xarray.DataArray``.

        Raises:
            UsageError: If xarray is not installed.
        """
        return _imported("xarray").DataArray(self.values, dims=self.dims, name=self.name or None)

    def to_pandas(self) -> Any:
        """Returns a ``pandas.Series`` with one index level an axis.

        Raises:
            UsageError: If pandas is not installed.
        """
        pandas = _imported("pandas")
        index = pandas.MultiIndex.from_product(map(range, self.shape), names=self.dims)
        return pandas.Series(self.values.reshape(-1), index=index, name=self.name or None)


class SiteXRay:
    """What an x-ray shows of one recurrent layer; arrays have axes sample, time and unit.

    Time is that of the data, also where the layer goes backwards. Gradients are those of the
    mean loss of the batch.

    Attributes:
        trace: All arrays, without names.
        measures: What was worked out from them.
    """

    def __init__(self, trace: Trace, measures: SiteMeasures) -> None:
        self.trace = trace
        self.measures = measures

    @property
    def name(self) -> str:
        """Path of the layer in the model."""
        return self.trace.site.name

    @property
    def gates(self) -> dict[str, NamedArray]:
        """Activations by gate."""
        return {name: _named(value, name) for name, value in self.trace.gates.items()}

    @property
    def gate_gradients(self) -> dict[str, NamedArray]:
        """Gradient of the loss with respect to each gate's pre-activation."""
        found = self.trace.gate_gradients.items()
        return {name: _named(value, f"gradient at {name}") for name, value in found}

    @property
    def cell(self) -> NamedArray | None:
        """Cell state after each step, None for layers without one."""
        return None if self.trace.cell is None else _named(self.trace.cell, "cell state")

    @property
    def hidden(self) -> NamedArray:
        """Hidden state after each step."""
        return _named(self.trace.hidden, "hidden state")

    @property
    def cell_gradient(self) -> NamedArray | None:
        """Gradient of the loss with respect to the cell state."""
        found = self.trace.cell_gradient
        return None if found is None else _named(found, "gradient at cell state")

    @property
    def hidden_gradient(self) -> NamedArray:
        """Gradient of the loss with respect to the hidden state."""
        return _named(self.trace.hidden_gradient, "gradient at hidden state")

    @property
    def input_gradient(self) -> NamedArray:
        """Gradient of the loss with respect to each input step, along this layer."""
        dims = ("sample", "time", "feature")
        return NamedArray(self.trace.input_gradient, dims, "gradient at input")

    @property
    def mask(self) -> NamedArray | None:
        """The mask that arrives, True where a step counts; None where none arrives."""
        found = self.trace.mask
        return None if found is None else NamedArray(found, ("sample", "time"), "mask")

    def __repr__(self) -> str:
        site = self.trace.site
        shape = f"{len(self.trace.hidden)} samples, {site.steps} steps, {site.units} units"
        return f"<{site.kind} {site.name!r}: {shape}>"


class XRay(Mapping[str, SiteXRay]):
    """An x-ray of one batch: its recurrent layers by name, and what was measured in them.

    The properties of a single layer (``gates``, ``hidden``, …) are those of the first one.

    Attributes:
        facts: Measurements, loss and checks, as a recording keeps them.
        lags: How far back the inputs inform the targets, by output.
    """

    def __init__(
        self, facts: XRayFacts, traces: tuple[Trace, ...], lags: tuple[LagFacts, ...] = ()
    ) -> None:
        self.facts = facts
        self.lags = lags
        pairs = zip(traces, facts.sites, strict=True)
        self._sites = {trace.site.name: SiteXRay(trace, found) for trace, found in pairs}

    def __getitem__(self, name: str) -> SiteXRay:
        if name not in self._sites:
            raise UsageError(
                f"Expected the name of a recurrent layer of this x-ray: {', '.join(self._sites)}. "
                f"Received: {name!r}."
                if self._sites
                else self._nothing
            )
        return self._sites[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    def __getattr__(self, name: str) -> Any:
        # Only what isn't found otherwise comes here: what the first layer shows.
        if name.startswith("_"):
            raise AttributeError(name)
        if not self._sites:
            raise UsageError(self._nothing)
        return getattr(next(iter(self._sites.values())), name)

    @property
    def _nothing(self) -> str:
        return f"This x-ray shows nothing: {self.facts.withheld or 'no layer was opened.'}"


def _named(values: Array, name: str) -> NamedArray:
    return NamedArray(values, ("sample", "time", "unit"), name)


def _imported(package: str) -> Any:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise UsageError(
            f"Expected {package} to be installed for this conversion. Try: pip install {package}"
        ) from error
