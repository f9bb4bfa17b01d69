"""Cases, findings and answers that are made up."""

from __future__ import annotations

from pathlib import Path

from clinic.judging import judged
from clinic.running import Result
from clinic.truths import Case


def case(id="one", causes=("lr_too_high",), **changes):
    given = {
        "group": "cases",
        "folder": Path(id),
        "causes": causes,
        "accept": (),
        "also_true": (),
        "verdicts": ("stuck",) if causes else ("healthy",),
        "lines": (),
        "backends": ("jax",),
    }
    return Case(id=id, **{**given, **changes})


def finding(cause, severity="error", line=None, edits=()):
    return {
        "cause": cause,
        "severity": severity,
        "location": {"line": line},
        "treatments": [{"edits": [{"line": number} for number in edits]}],
    }


def row(one, *findings, verdict="stuck"):
    document = {"findings": list(findings), "verdict": verdict, "fits": []}
    return judged(one, "jax", Result(document=document))
