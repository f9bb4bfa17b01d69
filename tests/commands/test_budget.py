"""``unstuck run --budget``: how long copies of a model may be trained after a script."""

from __future__ import annotations

import pytest

from unstuck.commands import main
from unstuck.commands.run import split
from unstuck.errors import UsageError
from unstuck.observe.recording import reading
from unstuck.observe.rehearsals.facts import RehearsalFacts

SCRIPT = """
import numpy as np
import keras
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(64, 4, 2))
y = x.mean(axis=(1, 2))
model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, y, verbose=0)
"""


@pytest.mark.parametrize(("budget", "rehearsed"), [("0", False), ("5", True)])
def test_copies_are_trained_within_the_budget_or_not_at_all(watched, write, budget, rehearsed):
    write("sick.py", SCRIPT)
    ended = watched("--budget", budget, "--record", "kept", "--quiet", "sick.py")
    assert "Traceback" not in ended.stderr
    with reading(write("sick.py", SCRIPT).with_name("kept")) as recorded:
        (fit,) = recorded.fits()
        found = fit.fact("rehearsals", RehearsalFacts)
    assert (found is not None) is rehearsed
    if found is not None:
        assert found.seconds > 0


@pytest.mark.parametrize("budget", ["-1", "inf", "nan", "soon"])
def test_anything_but_seconds_is_refused(budget, capsys):
    assert main(["run", "--budget", budget, "train.py"]) == 2
    assert "--budget" in capsys.readouterr().err


def test_the_budget_is_ours_and_not_the_scripts():
    assert split(["--budget", "5", "x.py", "--budget", "6"]) == (
        ["--budget", "5"],
        ["x.py", "--budget", "6"],
    )


def test_the_monitor_refuses_it_as_well():
    from unstuck import Monitor

    with pytest.raises(UsageError, match="budget"):
        Monitor(budget=-1)
