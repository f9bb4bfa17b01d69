"""A head that thinks in spreads of the targets and answers in their units."""

from __future__ import annotations

from unstuck.case.script import Model, Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import behind, data, numpy_name, section, trained

CAUSES = ("no_target_scaling", "undetermined")
SUMMARY = "Scale the output inside the model by the spread of the targets; its units stay."


def edits(script: Script) -> Edits:
    """Puts a ``Rescaling`` behind the output; the targets stay as they are."""
    model = trained(script)
    y = data(script, model).y if model is not None and _quantity(model) else None
    if model is None or y is None:
        return ()
    layers, imported = section(script, "layers")
    numpy = numpy_name(script)
    spread, mean = (
        f"float({numpy}.{name}({y}))" if numpy else f"float({y}.{name}())"
        for name in ("std", "mean")
    )
    place = behind(script, model, f"{layers}.Rescaling({spread}, offset={mean})")
    return (*imported, *place) if place else ()


def _quantity(model: Model) -> bool:
    """Whether the model predicts a quantity: a linear Dense and a loss that is none of classes."""
    last, loss = model.layers[-1], model.loss
    linear = last.kind == "Dense" and last.get("activation").value in (None, "linear")
    return linear and "crossentropy" not in str(loss.name if loss is not None else "")
