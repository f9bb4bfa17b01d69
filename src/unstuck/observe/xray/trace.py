"""What one x-ray sees, as arrays with named axes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unstuck.observe.xray.facts import SiteFacts

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[Any]"
Floats: TypeAlias = "npt.NDArray[np.float32]"


@dataclasses.dataclass(frozen=True)
class Trace:
    """Activations and gradients of one site; shapes are (samples, steps, units) unless said.

    Steps are those of the data, counted from 0, also where the layer goes backwards; use
    ``processed`` for the order in which the cell saw them. Gradients are those of the mean loss
    of the batch, so that they add up over samples. Masked steps hold the carried state, and
    zero gates and gradients of gates.

    Attributes:
        mask: (samples, steps), True where a step counts; None where no mask arrived.
        inputs: (samples, steps, features), before dropout.
        gates: Activations by gate, in the order of ``site.gates``.
        cell: Cell state after each step, None where the cell has none.
        hidden: Hidden state after each step.
        gate_gradients: dL/dz by gate, z being the pre-activation.
        cell_gradient: dL/dc, along all paths from c_t on; None without a cell state.
        hidden_gradient: dL/dh, along all paths from h_t on.
        input_gradient: (samples, steps, features), dL/dx through this site.
        reach: (samples, steps), estimate of the Frobenius norm of dc_T/dc_t over the square root
            of the number of units, from random signs (Hutchinson), so that it is 1 for the
            identity; dh_T/dh_t without a cell state; None where it was not asked for.
        initial: State before the first step, (samples, units) each, in Keras's order.
        kernel: (features, gates x units), None for cells whose weights aren't known.
        recurrent_kernel: (units, gates x units), likewise.
        bias: As Keras holds it, None without.
    """

    site: SiteFacts
    mask: npt.NDArray[np.bool_] | None
    inputs: Floats
    gates: Mapping[str, Floats]
    cell: Floats | None
    hidden: Floats
    gate_gradients: Mapping[str, Floats]
    cell_gradient: Floats | None
    hidden_gradient: Floats
    input_gradient: Floats
    reach: Floats | None = None
    initial: tuple[Floats, ...] = ()
    kernel: Array | None = None
    recurrent_kernel: Array | None = None
    bias: Array | None = None

    @property
    def state(self) -> Floats:
        """The state that is carried: the cell state where there is one, else the hidden one."""
        return self.hidden if self.cell is None else self.cell

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """(samples, steps), True where a step counts, also where no mask arrived."""
        if self.mask is not None:
            return self.mask
        return np.ones(self.hidden.shape[:2], bool)

    def processed(self, values: Array) -> Array:
        """Puts axis 1 of an array into the order in which the cell saw the steps."""
        return values[:, ::-1] if self.site.go_backwards else values
