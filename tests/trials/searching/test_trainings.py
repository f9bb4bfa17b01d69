"""The search with real trainings."""

from __future__ import annotations

import pytest

from unstuck.trials.engine import Command
from unstuck.trials.engines.local import Local
from unstuck.trials.journal import Journal
from unstuck.trials.lab import Lab
from unstuck.trials.proof import Prover
from unstuck.trials.search import Found
from unstuck.trials.searching.study import Study
from unstuck.trials.trial import Trial
from unstuck.trials.version import Version
from unstuck.trials.workplace import Workplace

SICK = """\
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(400, 5, 2)).astype("float32")
y = x[:, -2:, 0].sum(axis=1)
model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(8, dropout=0.5), layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-5), loss="mse")
model.fit(x, y, batch_size=16, epochs=12, validation_split=0.25, verbose=0)
"""


@pytest.mark.slow
def test_sizes_and_rates_of_a_script_are_found_and_proven(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "train.py").write_text(SICK)
    (tmp_path / "scratch").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    engine = Local(Workplace(tmp_path / "project" / "train.py", tmp_path / "scratch"), Command(), 2)
    lab = Lab(engine, Journal(), "here")
    (control,) = lab.runs([Trial(SICK)])
    found = Study(lab, Found(Version(SICK), (), ()), control, (), hold_out=False).run(-1.0)
    assert found.trains
    assert {part.knob: part.value for part in found.changes}["learning_rate"] > 1e-4
    proof = Prover(lab, Version(SICK), 3).proof(found.changes)
    assert proof.holds
    assert proof.gain > 0.3
