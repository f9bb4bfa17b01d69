from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from unstuck.trials.scratch import scratch

HOLDING = """\
import time
from unstuck.trials.scratch import scratch
with scratch() as folder:
    (folder / "copy").mkdir()
    (folder / "copy" / "x.csv").write_text("1,2")
    print(folder, flush=True)
    time.sleep(600)
"""


def guards(folder):
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [line for line in lines if line.startswith(b"sh") and str(folder).encode() in line]


def eventually(holds):
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def test_a_folder_is_gone_afterwards_and_nothing_waits_for_it():
    with contextlib.suppress(KeyError), scratch() as folder:
        (folder / "copy").mkdir()
        assert len(guards(folder)) == 1
        raise KeyError
    assert not folder.exists()
    assert eventually(lambda: not guards(folder))


def test_a_folder_is_gone_even_if_its_process_is_killed():
    words = [sys.executable, "-c", HOLDING]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holding:
        folder = Path(holding.stdout.readline().strip())
        assert (folder / "copy" / "x.csv").exists()
        holding.kill()
    assert eventually(lambda: not folder.exists())
    assert eventually(lambda: not guards(folder))
