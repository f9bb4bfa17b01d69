from __future__ import annotations

import pytest

from unstuck.errors import UsageError
from unstuck.trials.journal import Journal
from unstuck.trials.trial import Ran, Trial

RAN = Ran(1, 2.5, "last line", b"\0recording", (("/copy", "/home"),))


def test_what_was_kept_is_found_by_another_process(tmp_path):
    journal = Journal(tmp_path / "journal")
    journal.keep("key", RAN)
    other = Journal(tmp_path / "journal")
    assert other.find("key") == RAN
    assert other.find("another") is None


def test_it_takes_no_file_of_another_program(tmp_path):
    (tmp_path / "notes.txt").write_text("mine " * 1000)
    with pytest.raises(UsageError, match="--journal"):
        Journal(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine " * 1000


def test_a_trial_is_another_one_by_everything_that_it_depends_on():
    trials = [Trial("a"), Trial("b"), Trial("a", 1), Trial("a", xray=True)]
    keys = {trial.key(context) for trial in trials for context in ("here", "there")}
    assert len(keys) == 8
    assert Trial("a", 1).key("here") == Trial("a", 1).key("here")
