"""NaN or infinity in what ``fit`` was fed with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, DataFacts, FitFacts, Place
from unstuck.case.script import Script
from unstuck.findings.data.before_fit import given, inserted, numpy_name
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at
from unstuck.record import Edit, Finding, Treatment

BOUNDED = ("log", "log2", "log10", "log1p", "sqrt", "divide", "true_divide", "reciprocal")
"""Functions of NumPy that are not finite everywhere."""
SMALLEST = "1e-6"
"""Added to a spread so that it can be divided by: nothing against the spread of a real feature."""


class NonfiniteInput(Rule):
    """NaN or infinite entries in inputs, targets or sample weights.

    ## What it finds
    Entries that are not finite numbers, with their count and the place of the first one.

    ## Why LSTMs get this
    A gap in a sensor file, a division by the zero spread of a constant column, a logarithm of
    zero. One such entry makes the loss of its batch NaN, the gradient NaN, and with one update
    every weight of the model: from then on nothing is finite, whatever the learning rate.

    ## How it is measured
    All entries of the arrays given to ``fit`` are counted; of a stream, those of the batches
    that were seen.

    ## What proves it
    The count itself. A NaN times any weight is NaN.

    ## What cures it
    Find the rows, then drop or fill them before windows are cut: a gap in a series enters as
    many windows as a window has steps. Clipping and smaller rates cannot help.

    ## False alarms
    None for training data. Entries that only the validation data hold do not hurt the weights
    and are a warning.

    ## References
    IEEE 754-2019, section 6.2, on the propagation of NaN.
    """

    code = "DAT101"
    name = "nonfinite-values-in-the-data"
    cause = "nonfinite_input"
    explains = (
        "exploding_gradients",
        "custom_loss_numerics",
        "lr_too_high",
        "no_gradient_clipping",
        "constant_feature",
        "lstm_relu_activation",
        "no_input_scaling",
        "no_target_scaling",
    )
    weight = 120
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "x[3, 4, 1] = np.nan\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=10, verbose=0)\n"
    )
    healthy = sick.replace("= np.nan", "= 0")

    def examine(self, data: DataFacts, fit: FitFacts, scripts: Scripts) -> Iterator[Finding]:
        """Judges every array; the training data come first."""
        bad = [array for array in data.arrays if array.nonfinite]
        training = [array for array in bad if not array.role.startswith("validation")]
        if bad:
            division = _division(scripts) if any(_divided(array) for array in bad) else None
            edits = division[1] if division else _filled(bad, fit, scripts)
            place = division[0] if division else _beyond_domain(scripts) or fit.place
            yield self._finding((training or bad)[0], bad, bool(training), place, edits)

    def _finding(
        self,
        first: ArrayFacts,
        bad: list[ArrayFacts],
        training: bool,
        place: Place | None,
        edits: Edits,
    ) -> Finding:
        count = sum(array.nonfinite for array in bad)
        where = "" if first.first_nonfinite is None else f", the first at index {_index(first)}"
        roles = " and ".join(dict.fromkeys(array.role.replace("_", " ") + "s" for array in bad))
        return self.found(
            f"The {roles} hold {count} value{'s' if count != 1 else ''} that "
            f"{'are' if count != 1 else 'is'} NaN or infinite{where}: one of them is enough to "
            "make the loss and then every weight NaN.",
            severity="error" if training else "warning",
            confidence=1.0,
            place=place,
            evidence={
                "nonfinite_values": number(count, "entries"),
                "samples_read": number(first.read, "samples"),
                "first_sample": number(
                    first.first_nonfinite[0] if first.first_nonfinite else None, "index"
                ),
            },
            treatments=[
                Treatment(
                    "repair-nonfinite-rows",
                    "Find the rows with np.argwhere(~np.isfinite(x)) and drop or fill them before "
                    "windows are cut; where a scaler divided by a zero spread, drop that column.",
                    edits,
                )
            ],
        )


def _filled(bad: list[ArrayFacts], fit: FitFacts, scripts: Scripts) -> Edits:
    """Returns the lines before ``fit`` that put zeros into inputs and leave out samples.

    Targets that aren't finite teach nothing, so that their samples go.
    """
    call = call_at(fit.place, "fit", scripts)
    script = scripts.get(call.file) if call else None
    numpy = numpy_name(script) if script else None
    if call is None or script is None or numpy is None:
        return ()
    names, roles = given(call), {array.role for array in bad}
    lines = []
    for role, x, y in (("", names.x, names.y), ("validation_", names.held_x, names.held_y)):
        if f"{role}input" in roles and x is not None:
            lines.append(f"{x} = {numpy}.nan_to_num({x}, posinf=0.0, neginf=0.0)")
        if f"{role}target" in roles and None not in (x, y) and x != y:
            kept = f"{numpy}.isfinite({y}).reshape(len({y}), -1).all(axis=1)"
            lines.append(f"{x}, {y} = {x}[{kept}], {y}[{kept}]")
    return inserted(call, script, list(dict.fromkeys(lines)))


def _index(array: ArrayFacts) -> str:
    return "[" + ", ".join(str(i) for i in array.first_nonfinite or ()) + "]"


def _divided(array: ArrayFacts) -> bool:
    """Whether some feature has no finite value while others do, as after a division by zero."""
    empty = [f for f in array.features if f.distinct == 0 and f.minimum == f.maximum == 0]
    return 0 < len(empty) < len(array.features)


def _beyond_domain(scripts: Scripts) -> Place | None:
    """Returns the only call of a function of NumPy that is not finite everywhere."""
    found = [
        script.where(call.lineno)
        for script in scripts.values()
        for call in script.nodes(ast.Call)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in BOUNDED
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == numpy_name(script)
    ]
    return found[0] if len(found) == 1 else None


def _division(scripts: Scripts) -> tuple[Place, Edits] | None:
    """Returns the only unguarded division by a spread, and the edit that guards it."""
    found = [(script, node) for script in scripts.values() for node in _by_spread(script)]
    if len(found) != 1:
        return None
    script, spread = found[0]
    return Place(script.path, spread.lineno), _guarded(script, spread)


def _by_spread(script: Script) -> Iterator[ast.expr]:
    """Yields every ``a.std()`` and ``a.max() - a.min()`` that something is divided by."""
    operations: Iterator[ast.BinOp | ast.AugAssign] = script.nodes(ast.BinOp, ast.AugAssign)
    for node in operations:
        if not isinstance(node.op, ast.Div):
            continue
        by = node.right if isinstance(node, ast.BinOp) else node.value
        difference = isinstance(by, ast.BinOp) and isinstance(by.op, ast.Sub)
        ends = [by.left, by.right] if isinstance(by, ast.BinOp) else [by]
        if [_called(end) for end in ends] == (["max", "min"] if difference else ["std"]):
            yield by


def _called(node: ast.expr) -> str:
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else ""


def _guarded(script: Script, spread: ast.expr) -> Edits:
    line = script.lines[spread.lineno - 1]
    # Only ``/ x.std()`` needs parentheses around it; a difference stands in its own.
    if not line.isascii() or spread.end_lineno != spread.lineno or isinstance(spread, ast.BinOp):
        return ()
    start, end = spread.col_offset, spread.end_col_offset
    new = f"{line[:start]}({line[start:end]} + {SMALLEST}){line[end:]}"
    return (Edit(spread.lineno, line, new),)
