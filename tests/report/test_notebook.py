from __future__ import annotations

import pytest

from unstuck.report import notebook


@pytest.mark.parametrize("name", ["stuck", "healthy", "diverged", "no_fits", "hostile"])
def test_a_fragment_says_the_essentials_without_a_script(samples, name):
    diagnosis = getattr(samples, name)()
    text = notebook.fragment(diagnosis)
    before = text[: text.index("<script>")]
    assert text.count("<script>") == text.count("</script>") == 1
    assert "<template" not in text
    if name != "hostile":
        assert diagnosis.summary.replace("'", "&#39;") in before
        for finding in diagnosis.findings:
            assert finding.code in before


def test_a_fragment_draws_the_loss_without_a_script(samples):
    text = notebook.fragment(samples.healthy())
    assert '<path class="curve curve-0" d="M' in text
    assert "best constant 1.003" in text
    assert "naive forecast 0.181" in text


def test_a_fragment_is_small(samples):
    assert len(notebook.fragment(samples.large(fits=40)).encode()) < 250_000
