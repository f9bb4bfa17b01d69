"""Where activation functions stop answering.

A unit is saturated where a change of its pre-activation hardly changes it. The slope says so: a
sigmoid within 2 % of 0 or 1 has the slope a (1 - a) = 0.0196, which is 7.84 % of its steepest, 1/4.
The same share of the steepest slope marks the ends of every other bounded function. For tanh that
is 1 - a² = 0.0784, so |a| = 0.96: the same pre-activation up to scale, since tanh(z) = 2 σ(2z) - 1.
Piecewise linear functions have no slope at all at their ends and the full one elsewhere. What has
no end, such as linear, leaky_relu or a function of the user's own, never saturates here.
"""

from __future__ import annotations

import dataclasses
import math

from unstuck.observe.xray.facts import SiteFacts

SLOPE_LEFT = 4 * 0.02 * 0.98
"""Share of the steepest slope below which a unit is saturated: a gradient that passes ten such
units loses eleven orders of magnitude, where float32 resolves seven."""
EXACT = 1e-6
"""Room for the rounding of a division, for functions that reach their ends exactly."""
SELU_END = 1.0507009873554805 * 1.6732632423543772
"""scale times alpha of selu, https://arxiv.org/abs/1706.02515."""


@dataclasses.dataclass(frozen=True)
class Ends:
    """A unit is shut at or below ``lower``, open at or above ``upper``; NaN stands for no end."""

    lower: float = math.nan
    upper: float = math.nan


TANH_END = math.sqrt(1 - SLOPE_LEFT)  # slope 1 - a²
SOFTSIGN_END = 1 - math.sqrt(SLOPE_LEFT)  # slope (1 - |a|)²

ENDS = {
    "sigmoid": Ends(0.02, 0.98),
    "tanh": Ends(-TANH_END, TANH_END),
    "softsign": Ends(-SOFTSIGN_END, SOFTSIGN_END),
    "hard_sigmoid": Ends(EXACT, 1 - EXACT),
    "sparse_sigmoid": Ends(EXACT, 1 - EXACT),
    "hard_tanh": Ends(-1 + EXACT, 1 - EXACT),
    "relu": Ends(0.0),
    "relu6": Ends(0.0, 6 * (1 - EXACT)),
    "elu": Ends(SLOPE_LEFT - 1),  # slope 1 + a below 0
    "celu": Ends(SLOPE_LEFT - 1),
    "selu": Ends(SELU_END * (SLOPE_LEFT - 1)),  # slope a + scale alpha below 0
    "softplus": Ends(-math.log1p(-SLOPE_LEFT)),  # slope 1 - exp(-a)
}
"""By the name that Keras gives the function."""


def ends_of(site: SiteFacts, gate: str) -> Ends:
    """Returns the ends of a gate's activation; the candidate has the cell's own activation."""
    name = site.activation if gate == "candidate" else site.recurrent_activation
    return ENDS.get(name or "", Ends())
