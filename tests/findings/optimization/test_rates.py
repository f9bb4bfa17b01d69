"""OPT101, OPT102 and OPT104: rates in recordings and in the source."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.edits import apply
from unstuck.findings.course import USUAL_RATE

STUCK = {"forget": {"saturated": 0.7}}
HEAD = "import keras\nfrom keras import layers\n"
MODEL = "model = keras.Sequential([keras.Input((9, 2)), layers.LSTM(4), layers.Dense(1)])\n"


def compiled(optimizer: str, before: str = "", fit: str = "model.fit(x, y)") -> str:
    return f"{HEAD}{before}{MODEL}model.compile(optimizer={optimizer}, loss='mse')\n{fit}\n"


@pytest.mark.parametrize(
    ("optimizer", "severity"),
    [
        ("keras.optimizers.Adam(0.5)", "error"),
        ("keras.optimizers.Adam(learning_rate=0.1)", "error"),
        ("keras.optimizers.RMSprop(0.05)", "warning"),
        ("keras.optimizers.Adam(0.02)", "note"),
        ("keras.optimizers.Adam(0.01)", None),
        ("keras.optimizers.Adam(1e-3)", None),
        ("keras.optimizers.Adam()", None),
        ("keras.optimizers.Adam(rate)", None),
        ("'adam'", None),
        ("keras.optimizers.Lion()", None),
        # The step of plain SGD is that of the gradient.
        ("keras.optimizers.SGD(1.0)", None),
        ("keras.optimizers.SGD(5.0)", "warning"),
        ("keras.optimizers.Adadelta(1.0)", None),
        ("keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.9, 9, 0.9))", None),
    ],
)
def test_a_rate_is_high_against_the_usual_one(suspected, optimizer, severity):
    found = suspected("OPT101", compiled(optimizer))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("before", "optimizer", "line", "cured"),
    [
        ("rate = 0.5\n", "keras.optimizers.Adam(rate)", 3, "rate = 0.001\n"),
        ("rate = 0.5\nprint(rate)\n", "keras.optimizers.Adam(rate)", 3, "Adam(0.001)"),
        ("c = {'lr': 0.5}\n", "keras.optimizers.Adam(c['lr'])", 3, "c = {'lr': 0.001}"),
        ("adam = keras.optimizers.Adam(0.5)\n", "adam", 3, "adam = keras.optimizers.Adam(0.001)"),
        ("", "keras.optimizers.Adam(learning_rate=5e-1)", 4, "Adam(learning_rate=0.001)"),
    ],
)
def test_the_rate_is_changed_where_it_is_written(suspected, before, optimizer, line, cured):
    source = compiled(optimizer, before)
    (finding,) = suspected("OPT101", source)
    assert finding.location.line == line
    edited = apply(source, finding.treatments[0].edits)
    assert cured in edited
    assert not suspected("OPT101", edited)


@pytest.mark.parametrize(
    ("optimizer", "severity"),
    [
        ("keras.optimizers.Adam(1e-6)", "warning"),
        ("keras.optimizers.AdamW(1e-5)", "warning"),
        ("keras.optimizers.Adam(1e-4)", None),
        # Large targets make a small rate right for plain SGD.
        ("keras.optimizers.SGD(1e-6, momentum=0.9)", "note"),
        ("keras.optimizers.Adadelta(1e-3)", None),
    ],
)
def test_a_rate_is_low_against_the_usual_one(suspected, optimizer, severity):
    found = suspected("OPT102", compiled(optimizer))
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    if found:
        usual = apply(compiled(optimizer), found[0].treatments[0].edits)
        assert not suspected("OPT102", usual)


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nmodel = keras.models.load_model('m.keras')\n"
        "model.compile(keras.optimizers.Adam(1e-6), 'mse')\n",
        compiled("keras.optimizers.Adam(1e-6)", fit="model.load_weights('w.h5')\nmodel.fit(x, y)"),
        compiled("'adam'") + "model.compile(keras.optimizers.Adam(1e-6), 'mse')\nmodel.fit(x, y)\n",
        f"{HEAD}from elsewhere import build\nmodel = build()\n"
        "model.compile(optimizer=keras.optimizers.Adam(1e-6), loss='mse')\n",
    ],
)
def test_a_low_rate_that_goes_on_with_a_model_is_left_alone(suspected, source):
    assert not suspected("OPT102", source)


@pytest.mark.parametrize("code", ["OPT101", "OPT102"])
@pytest.mark.parametrize(
    ("callbacks", "judged"),
    [
        ("[keras.callbacks.LearningRateScheduler(f)]", False),
        ("[Mine()]", False),
        ("callbacks", False),
        ("[keras.callbacks.EarlyStopping(patience=3)]", True),
        ("[]", True),
        ("keras.callbacks.ReduceLROnPlateau()", True),
    ],
)
def test_what_may_set_the_rate_while_training_is_respected(suspected, code, callbacks, judged):
    rate = {"OPT101": 0.5, "OPT102": 1e-7}[code]
    source = compiled(
        f"keras.optimizers.Adam({rate})", fit=f"model.fit(x, y, callbacks={callbacks})"
    )
    assert bool(suspected(code, source)) is judged


@pytest.mark.parametrize(
    ("optimizer", "found"),
    [
        ("'adadelta'", True),
        ("'Adagrad'", True),
        ("keras.optimizers.Adadelta()", True),
        ("keras.optimizers.Adadelta(learning_rate=0.01)", True),
        ("keras.optimizers.Adagrad(0.01)", False),
        ("keras.optimizers.Adadelta(1.0)", False),
        ("'adam'", False),
        ("'sgd'", False),
        ("keras.optimizers.Adam(1e-7)", False),
    ],
)
def test_optimizers_that_divide_by_their_history(suspected, optimizer, found):
    source = compiled(optimizer)
    findings = suspected("OPT104", source)
    assert [finding.severity for finding in findings] == ["warning"] * found
    for treatment in findings[0].treatments if found else ():
        assert treatment.edits
        assert not suspected("OPT104", apply(source, treatment.edits))


def test_the_optimizer_is_named_where_it_is_chosen(suspected):
    source = compiled("config['optimizer']", "config = {'optimizer': 'adadelta'}\n")
    (finding,) = suspected("OPT104", source)
    assert finding.location.line == 3
    cured = apply(source, finding.treatments[0].edits)
    assert "{'optimizer': 'adam'}" in cured


def test_without_a_name_for_keras_there_is_no_call_to_write(suspected):
    source = (
        "from keras.models import Sequential\nfrom keras.layers import LSTM\n"
        "model = Sequential([LSTM(4)])\nmodel.compile('adadelta', 'mse')\n"
    )
    (finding,) = suspected("OPT104", source)
    use_adam, authors_rate = finding.treatments
    assert "'adam'" in apply(source, use_adam.edits)
    assert authors_rate.edits == ()


SOURCE = compiled("keras.optimizers.Adam(rate)", "rate = 0.5\n", "model.fit(x, y, epochs=2)")
LINES = {"compile": 5, "fit": 6}


def test_steps_that_replace_the_weights_are_too_high(written):
    words = {"rate": 0.5, "update": 1.0, "weight": 2.0, "source": SOURCE, "lines": LINES}
    (found,) = written.judge("OPT101", **words)
    assert (found.severity, found.level, found.location.line) == ("error", "observed", 3)
    assert found.evidence["update_over_weights"].value == pytest.approx(0.5)
    assert found.evidence["usual_rate"].value == USUAL_RATE["Adam"]
    assert "rate = 0.001" in apply(SOURCE, found.treatments[0].edits)


def test_a_high_rate_that_works_is_left_alone(written):
    assert not written.judge("OPT101", rate=0.5, update=1.0, skill=0.97)
    assert not written.judge("OPT101", rate=0.001, update=0.02)


def test_gates_that_a_high_rate_has_jammed(written):
    jammed = (xray(site(gates={"forget": {"saturated": 0.0}})), *both(site(gates=STUCK))[1:])
    # The loss still falls, which alone would be no sign of a fault.
    falling = {"losses": np.linspace(1.0, 0.4, 60), "skill": 0.5, "update": 0.02}
    assert not written.judge("OPT101", rate=0.05, xrays=both(), **falling)
    (found,) = written.judge("OPT101", rate=0.05, xrays=jammed, **falling)
    assert found.severity == "error"
    assert not written.judge("OPT101", rate=0.002, xrays=jammed, **falling)
    assert not written.judge("OPT101", rate=0.05, xrays=both(site(gates=STUCK)), **falling)
    assert not written.judge("OPT101", rate=0.05, xrays=jammed, **falling | {"skill": 0.97})


def test_weights_that_stood_still_at_a_low_rate(written):
    source = SOURCE.replace("0.5", "1e-7")
    words = {"rate": 1e-7, "update": 1e-6, "source": source, "lines": LINES}
    (found,) = written.judge("OPT102", **words)
    assert (found.severity, found.location.line) == ("error", 3)
    # 60 steps of 1e-6 against a norm of 2.
    assert found.evidence["weights_travelled"].value == pytest.approx(60 * 1e-6 / 2, rel=1e-4)
    assert "rate = 0.001" in apply(source, found.treatments[0].edits)
    assert not written.judge("OPT104", **words)
    assert not written.judge("OPT102", **words | {"skill": 0.97})


@pytest.mark.parametrize("optimizer", ["Adadelta", "Adagrad", "Ftrl"])
def test_default_steps_of_another_scale(written, optimizer):
    source = compiled(f"'{optimizer.lower()}'")
    words = {"optimizer": optimizer, "update": 1e-6, "source": source, "lines": {"compile": 4}}
    (found,) = written.judge("OPT104", **words)
    assert (found.severity, found.location.line) == ("error", 4)
    assert "optimizer='adam'" in apply(source, found.treatments[0].edits)
    # The cause is named once.
    assert not written.judge("OPT102", **words)
    assert not written.judge("OPT103", **words)
    assert not written.judge("OPT104", **words | {"skill": 0.97})
