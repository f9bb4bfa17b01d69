"""The recurrences of Keras's cells, written so that each gate, state and step can be looked at.

Each follows ``call`` of the cell in Keras with the inputs' share of a pre-activation worked out
for all steps at once. A tap is a zero that is added at a place, so that the gradient at the tap is
the gradient at the place. Shapes: inputs ([time,] batch, features), states (batch, units).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any
Record = dict[str, Tensor]


@dataclasses.dataclass(frozen=True)
class Moment:
    """What a step gets beside inputs and states.

    Attributes:
        mask: (batch, 1, …) booleans, None where every step counts.
        taps: Zeros to add, by place: "c", "h", and "z" (pre-activations) where the inputs' share of
            it hasn't been tapped for all steps at once.
    """

    mask: Tensor | None
    taps: Mapping[str, Tensor]

    def tapped(self, driven: Tensor) -> Tensor:
        """Adds the tap of the pre-activations, if there is one."""
        return driven + self.taps["z"] if "z" in self.taps else driven

    def carried(self, place: str, new: Tensor, old: Tensor) -> Tensor:
        """Keeps the old state where a step is masked, and adds the tap."""
        if self.mask is not None:
            new = ops.where(self.mask, new, old)
        return new + self.taps[place]


class Recurrence:
    """One cell within a recurrent layer, or within a stack of cells.

    Args:
        cell: A built Keras cell.
        training: Whether dropout is on; its masks are those that the layer has drawn.

    Attributes:
        gates: Names of the gates in the order of the kernel's columns.
        kind: Name of the layer that has such a cell.
    """

    gates: tuple[str, ...] = ()
    kind = "RNN"
    channels = -1
    """Axis of the units."""
    driven = False
    """Whether ``drive`` works out the inputs' share of all steps at once."""

    def __init__(self, cell: Any, training: bool) -> None:
        self.cell = cell
        self.training = training

    def places(self, width: int) -> dict[str, int]:
        """Returns the taps of a step with their widths, for states of ``width`` units."""
        return {"h": width}

    def dropped(self) -> Record:
        """Returns the dropout masks that the layer has drawn, by gate."""
        return {}

    def drive(self, inputs: Tensor) -> Tensor:
        """Returns the inputs' share of the pre-activations, shape (..., gates x units)."""
        return inputs

    def step(
        self, driven: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns the output, the new states, and what is recorded of the step."""
        mode = {"training": self.training} if _takes_training(self.cell) else {}
        output, new = self.cell(driven, list(states), **mode)
        new = list(new) if isinstance(new, list | tuple) else [new]
        hidden = moment.carried("h", new[0], states[0])
        rest = [
            new_state if moment.mask is None else ops.where(moment.mask, new_state, old)
            for new_state, old in zip(new[1:], states[1:], strict=True)
        ]
        # An output that is the state feels the tap as well; another one is the cell's own affair.
        output = hidden if output is new[0] else output
        return output, [hidden, *rest], {"h": hidden}


class _Dense(Recurrence):
    """A cell whose pre-activations are x.W + h.U + b."""

    driven = True

    def places(self, width: int) -> dict[str, int]:
        return {"h": width, "z": width * len(self.gates)}

    @property
    def bias(self) -> Tensor | None:
        return None if self.cell.bias is None else ops.convert_to_tensor(self.cell.bias)

    def masks(self) -> list[Tensor] | None:
        """Returns the dropout masks of the inputs by gate, None without dropout."""
        return self._masks(self.cell.dropout, "_dropout_mask")

    def recurrent_masks(self) -> list[Tensor] | None:
        """Returns the dropout masks of the hidden state by gate, None without dropout."""
        return self._masks(self.cell.recurrent_dropout, "_recurrent_dropout_mask")

    def dropped(self) -> Record:
        drawn = {"x_masks": self.masks(), "h_masks": self.recurrent_masks()}
        return {name: masks for name, masks in drawn.items() if masks is not None}

    def _masks(self, rate: float, name: str) -> list[Tensor] | None:
        mask = getattr(self.cell, name, None)
        if not (self.training and 0.0 < rate < 1.0) or mask is None:
            return None
        return list(mask) if isinstance(mask, list) else [mask] * len(self.gates)

    def drive(self, inputs: Tensor) -> Tensor:
        kernel, masks = ops.convert_to_tensor(self.cell.kernel), self.masks()
        if masks is None:
            driven = ops.matmul(inputs, kernel)
        else:
            driven = _by_gate([inputs * mask for mask in masks], kernel, len(self.gates))
        bias = self.bias
        return driven if bias is None else driven + bias

    def recurrent(self, hidden: Tensor, gates: slice = slice(None)) -> Tensor:
        """Returns h.U for some gates, with the dropout of the hidden state."""
        names = self.gates[gates]
        width = hidden.shape[-1]
        first = self.gates.index(names[0]) * width
        kernel = ops.convert_to_tensor(self.cell.recurrent_kernel)
        if names != self.gates:  # TensorFlow would copy the whole one at each step
            kernel = kernel[:, first : first + width * len(names)]
        masks = self.recurrent_masks()
        if masks is None:
            return ops.matmul(hidden, kernel)
        return _by_gate([hidden * mask for mask in masks[gates]], kernel, len(names))


class Lstm(_Dense):
    """Hochreiter and Schmidhuber (1997) with forget gates, as ``keras.layers.LSTMCell``."""

    gates = ("input", "forget", "candidate", "output")
    kind = "LSTM"

    def places(self, width: int) -> dict[str, int]:
        """Adds the cell state."""
        return {"c": width, "h": width, "z": width * 4}

    def step(
        self, driven: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns output, states and record of one step."""
        return self.gated(moment.tapped(driven + self.recurrent(states[0])), states, moment)

    def gated(
        self, z: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns what a step gives for its pre-activations."""
        hidden, cell = states
        gate, squash = self.cell.recurrent_activation, self.cell.activation
        i, f, g, o = ops.split(z, 4, axis=self.channels)
        i, f, g, o = gate(i), gate(f), squash(g), gate(o)
        cell = moment.carried("c", f * cell + i * g, cell)
        hidden = moment.carried("h", o * squash(cell), hidden)
        gates = ops.concatenate([i, f, g, o], axis=self.channels)
        return hidden, [hidden, cell], {"gates": gates, "c": cell, "h": hidden}


class ConvLstm(Lstm):
    """Shi et al. (2015), as ``keras.layers.ConvLSTM1D`` to ``3D``: convolutions for products."""

    kind = "ConvLSTM"
    driven = False

    def __init__(self, cell: Any, training: bool) -> None:
        super().__init__(cell, training)
        self.channels = -1 if cell.data_format == "channels_last" else 1

    def drive(self, inputs: Tensor) -> Tensor:
        """Returns the inputs as they are: convolutions take one batch axis."""
        return inputs

    def step(
        self, driven: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns output, states and record of one step."""
        cell = self.cell
        z = self._convolved(driven, self.masks(), cell.kernel, self._input)
        z = z + self._convolved(
            states[0], self.recurrent_masks(), cell.recurrent_kernel, cell.recurrent_conv
        )
        if self.bias is not None:
            axes = [1] * len(z.shape)
            axes[self.channels] = -1
            z = z + ops.reshape(self.bias, axes)
        return self.gated(moment.tapped(z), states, moment)

    def _input(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return self.cell.input_conv(inputs, kernel, None, padding=self.cell.padding)

    def _convolved(
        self, values: Tensor, masks: Sequence[Tensor] | None, kernel: Any, convolve: Any
    ) -> Tensor:
        blocks = ops.split(ops.convert_to_tensor(kernel), 4, axis=-1)
        parts = [
            convolve(values if masks is None else values * masks[at], block)
            for at, block in enumerate(blocks)
        ]
        return ops.concatenate(parts, axis=self.channels)


class Gru(_Dense):
    """Cho et al. (2014) in both orders of reset and product, as ``keras.layers.GRUCell``."""

    gates = ("update", "reset", "candidate")
    kind = "GRU"

    @property
    def bias(self) -> Tensor | None:
        """The inputs' share of the bias."""
        bias = super().bias
        return bias[0] if bias is not None and self.cell.reset_after else bias

    def step(
        self, driven: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns output, states and record of one step."""
        hidden = states[0]
        gate, squash = self.cell.recurrent_activation, self.cell.activation
        driven_gates, driven_candidate = _cut(moment.tapped(driven), 2)
        inner, inner_candidate = self._inner(hidden)
        update, reset = ops.split(gate(driven_gates + inner), 2, axis=-1)
        if inner_candidate is None:
            inner_candidate = self.recurrent(reset * hidden, slice(2, 3))
        else:
            inner_candidate = reset * inner_candidate
        candidate = squash(driven_candidate + inner_candidate)
        new = update * hidden + (1 - update) * candidate
        hidden = moment.carried("h", new, hidden)
        gates = ops.concatenate([update, reset, candidate], axis=-1)
        return hidden, [hidden], {"gates": gates, "h": hidden}

    def _inner(self, hidden: Tensor) -> tuple[Tensor, Tensor | None]:
        if not self.cell.reset_after:
            return self.recurrent(hidden, slice(0, 2)), None
        inner = self.recurrent(hidden)
        if self.cell.bias is not None:
            inner = inner + ops.convert_to_tensor(self.cell.bias)[1]
        return _cut(inner, 2)


class Simple(_Dense):
    """Elman (1990), as ``keras.layers.SimpleRNNCell``."""

    gates = ("candidate",)
    kind = "SimpleRNN"

    def step(
        self, driven: Tensor, states: Sequence[Tensor], moment: Moment
    ) -> tuple[Tensor, list[Tensor], Record]:
        """Returns output, states and record of one step."""
        z = moment.tapped(driven + self.recurrent(states[0]))
        candidate = z if self.cell.activation is None else self.cell.activation(z)
        hidden = moment.carried("h", candidate, states[0])
        return hidden, [hidden], {"gates": candidate, "h": hidden}


def recurrences(cell: Any, training: bool) -> list[Recurrence]:
    """Returns the recurrences that make up the cell of a layer, the lowest first."""
    stacked = isinstance(cell, keras.layers.StackedRNNCells)
    # A stack of one hands its states on in another nesting than its states are given in.
    cells = cell.cells if stacked and len(cell.cells) > 1 else [cell]
    return [_recurrence(one, training) for one in cells]


def _recurrence(cell: Any, training: bool) -> Recurrence:
    known = {
        keras.layers.LSTMCell: Lstm,
        keras.layers.GRUCell: Gru,
        keras.layers.SimpleRNNCell: Simple,
    }
    for kind, recurrence in known.items():
        # A subclass with a call of its own computes something else.
        if isinstance(cell, kind) and type(cell).call is kind.call:
            return recurrence(cell, training)
    if type(cell).__name__ == "ConvLSTMCell" and type(cell).__module__.startswith("keras."):
        return ConvLstm(cell, training)
    return Recurrence(cell, training)


def _takes_training(cell: Any) -> bool:
    return bool(getattr(cell, "_call_has_training_arg", False))


def _by_gate(values: Sequence[Tensor], kernel: Tensor, gates: int) -> Tensor:
    blocks = ops.split(kernel, gates, axis=-1)
    products = [ops.matmul(value, block) for value, block in zip(values, blocks, strict=True)]
    return ops.concatenate(products, axis=-1)


def _cut(values: Tensor, gates: int) -> tuple[Tensor, Tensor]:
    """Splits three gates into the first ``gates`` and the rest."""
    width = values.shape[-1] // 3
    return values[..., : gates * width], values[..., gates * width :]
