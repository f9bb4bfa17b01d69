"""What the checks notice of one wrong row of a kernel, also where only combinations are held."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.observe.xray.capture import Batch, prepared, replay_of
from unstuck.observe.xray.checks import checks

layers = keras.layers
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 5, 20)), RNG.normal(size=(6, 1))


@pytest.fixture(scope="module", params=[3, 24], ids=["narrow", "wide"])
def passes(request):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5, 20)), layers.LSTM(request.param), layers.Dense(1)])
    model.compile("sgd", "mse")
    replay, batch = replay_of(model, True), prepared(model, Batch(X, Y))
    arguments = replay.values(), batch.x, batch.y, batch.weights
    return replay.open(*arguments), replay.leave(*arguments)


def test_kernels_agree(passes):
    (check,) = checks(*passes)
    assert check.passed
    assert max(check.kernel, check.recurrent_kernel) < 1e-5


@pytest.mark.parametrize("name", ["kernel", "recurrent_kernel"])
def test_one_wrong_row_is_noticed_whichever_it_is(passes, name):
    opened, own = passes
    (gradients,) = own.gradients.values()
    right = gradients[name]
    for row in range(len(right)):
        gradients[name] = right.copy()
        gradients[name][row] *= 1.1
        (check,) = checks(opened, own)
        # A tenth of a row is more than the tolerance in each of the combinations together.
        assert getattr(check, name) > 1e-3 or abs(right[row]).max() < 0.05 * abs(right).max()
    gradients[name] = right
