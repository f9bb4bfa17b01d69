"""The table of parameter names agrees with the Keras that is installed."""

from __future__ import annotations

import inspect

import keras

from unstuck.case.reading.signatures import SIGNATURES

NOT_IN_KERAS_3 = {"keras.Model", "keras.Model.fit_generator", "keras.Model.adapt"}
"""keras.Model takes *args; the others are gone, but scripts still call them."""


def parameters(path: str) -> list[str]:
    found = keras
    for part in path.split(".")[1:]:
        # ``add`` is Sequential's; the rest of the methods are every model's.
        found = keras.Sequential if path.endswith(".Model.add") and part == "Model" else found
        found = found if found is keras.Sequential and part == "Model" else getattr(found, part)
    target = found.__init__ if inspect.isclass(found) else found
    return [
        name
        for name, parameter in inspect.signature(target).parameters.items()
        if name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]


def test_names_and_their_order_are_keras_own():
    wrong = {}
    for path, names in SIGNATURES.items():
        if path not in NOT_IN_KERAS_3:
            own = parameters(path)
            if tuple(own[: len(names)]) != names:
                wrong[path] = (names, own)
    assert wrong == {}
