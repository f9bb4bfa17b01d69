"""An output and a loss that fit the targets, and each other."""

from __future__ import annotations

from unstuck.trials.specified.layers import head, named, with_head
from unstuck.trials.specified.output import fitting, loss_of
from unstuck.trials.specified.specification import Specification

CAUSES = (
    *("output_activation_range_mismatch", "loss_task_mismatch", "logits_probability_mismatch"),
    *("output_softmax_single_unit", "label_encoding_error", "undetermined"),
)
SUMMARY = "Let the last layer's activation and the loss fit the targets."


def applied(spec: Specification) -> Specification | None:
    """Gives the last ``Dense`` and ``compile`` what suits targets of this kind."""
    found, loss, wanted = head(spec.architecture), loss_of(spec), fitting(spec)
    if found is None or loss is None or wanted is None:
        return None
    activation = named(found[1]["activation"])
    paired = (activation, loss.name, bool(loss.from_logits))
    allowed = [(wanted.activation, wanted.loss, False)]
    if wanted.activation != "linear":
        allowed.append(("linear", wanted.loss, True))
    if paired in allowed and found[1]["units"] == wanted.units:
        return None
    options = {"activation": wanted.activation, "units": wanted.units}
    made = with_head(spec.architecture, **options)
    compiled = {**spec.compiled, "loss": wanted.loss, "metrics": None, "weighted_metrics": None}
    changed = spec.replaced(compiled=compiled)
    return changed.rebuilt(made) if made is not None else changed
