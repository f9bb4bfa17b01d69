"""Run the tool on the clinic's cases and compare its answers with the known truth.

Usage: python clinic/check.py [--kept] [--backend jax] [--jobs 2] [--json FILE] [ids...]

Each case is copied to a fresh folder with a neutral name, its data are made there, and the tool
runs its unmodified script. The truth stays behind.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CLINIC = Path(__file__).resolve().parent
SOURCES = CLINIC.parent / "src"


def environment(backend: str) -> dict[str, str]:
    """The environment of a case's processes, with the tool importable."""
    path = os.pathsep.join(p for p in (str(SOURCES), os.environ.get("PYTHONPATH", "")) if p)
    return {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}


def examine(case: Path, backend: str, timeout: float) -> dict[str, Any]:
    """Run the tool on one case; return its document, or the reason why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        for name in ("train.py", "make_data.py"):
            shutil.copy(case / name, work / name)
        env = environment(backend)
        subprocess.run([sys.executable, "make_data.py"], cwd=work, env=env, check=True)
        (work / "make_data.py").unlink()
        command = [sys.executable, "-m", "unstuck", "run", "--fail-on", "never"]
        command += ["--json", "out.json", "train.py"]
        started = time.monotonic()
        try:
            done = subprocess.run(
                command, cwd=work, env=env, capture_output=True, text=True, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            return {"failure": f"no answer in {timeout:.0f} s"}
        seconds = time.monotonic() - started
        out = work / "out.json"
        if not out.exists():
            tail = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
            return {"failure": f"exit {done.returncode}: {tail[0]}", "seconds": seconds}
        return {"document": json.loads(out.read_text()), "seconds": seconds}


def finding_lines(finding: dict[str, Any]) -> set[int]:
    """Every line of the user's script that a finding points at, its edits included."""
    lines = {(finding.get("location") or {}).get("line")}
    for treatment in finding.get("treatments") or []:
        lines |= {edit.get("line") for edit in treatment.get("edits") or []}
    return {line for line in lines if line is not None}


def judge(truth: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Compare one answer with the truth.

    ``first`` is strict: the first finding that is no note names the primary cause. ``accepted``
    also counts the causes that the truth lists as the same fault under another name. A healthy
    case is right when nothing is an error.
    """
    document = result.get("document") or {}
    findings = document.get("findings") or []
    if not findings:
        findings = [f for fit in document.get("fits") or [] for f in fit.get("findings") or []]
    errors = [f for f in findings if f.get("severity") == "error"]
    ranked = [f["cause"] for f in findings if f.get("severity") != "note"]
    wanted, known = truth["causes"][:1], {*truth["causes"][:1], *truth["accept"]}
    healthy = not truth["causes"]
    answered = "document" in result
    named = next((f for f in findings if f["cause"] in known), None)
    lines = set(truth["lines"])
    return {
        "id": truth["id"],
        "truth": wanted[0] if wanted else "-",
        "tool": ranked[0] if ranked else "-" if answered else "FAILED",
        "healthy": healthy,
        "answered": answered,
        "first": answered and (not errors if healthy else ranked[:1] == wanted),
        "accepted": answered and (not errors if healthy else bool(known & set(ranked[:1]))),
        "top3": answered and (not errors if healthy else bool(known & set(ranked[:3]))),
        "verdict_truth": truth["verdict"],
        "verdict_tool": document.get("verdict", "?"),
        "verdict_ok": document.get("verdict") in {truth["verdict"], *truth["verdicts_also_ok"]},
        "line": (bool(lines & finding_lines(named)) if named else False) if lines else None,
        "errors": len(errors),
        "error_causes": [f["cause"] for f in errors],
        "seconds": round(result.get("seconds", 0.0), 1),
        "failure": result.get("failure"),
    }


def row(verdict: dict[str, Any]) -> str:
    """One line of the table."""
    mark = (
        "ok"
        if verdict["first"]
        else "~"
        if verdict["accepted"]
        else "3"
        if verdict["top3"]
        else "X"
    )
    line = {None: "", True: "yes", False: "no"}[verdict["line"]]
    agree = "" if verdict["verdict_ok"] else " !"
    return (
        f"{mark:<3}{verdict['id']:<18}{verdict['truth']:<34}{verdict['tool']:<34}"
        f"{verdict['verdict_truth']}/{verdict['verdict_tool']}{agree:<4}"
        f"  line {line:<4} errors {verdict['errors']}  {verdict['seconds']} s  "
        f"{verdict['failure'] or ''}"
    )


def summary(rows: list[dict[str, Any]]) -> str:
    """The counts that matter, sick and healthy apart."""
    sick = [r for r in rows if not r["healthy"]]
    well = [r for r in rows if r["healthy"]]
    lined = [r for r in sick if r["line"] is not None]

    def share(part: list[Any], whole: list[Any]) -> str:
        return f"{sum(map(bool, part))}/{len(whole)}"

    return (
        f"sick: first cause {share([r['first'] for r in sick], sick)}"
        f" (with equal names {share([r['accepted'] for r in sick], sick)}),"
        f" top 3 {share([r['top3'] for r in sick], sick)},"
        f" line {share([r['line'] for r in lined], lined)};"
        f" healthy: false alarms {share([r['errors'] for r in well], well)};"
        f" verdicts {share([r['verdict_ok'] for r in rows], rows)};"
        f" no answer {share([not r['answered'] for r in rows], rows)}"
    )


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("ids", nargs="*", help="cases to run (all if none)")
    parser.add_argument("--kept", action="store_true", help="the cases kept aside, not the others")
    parser.add_argument("--backend", default="jax", choices=["jax", "tensorflow", "torch"])
    parser.add_argument("--jobs", type=int, default=2, choices=[1, 2])
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for one case")
    parser.add_argument("--json", type=Path, help="also write the rows and documents here")
    return parser.parse_args()


def main() -> int:
    """Run the chosen cases, print a row for each and the counts."""
    args = arguments()
    cases = CLINIC / ("kept" if args.kept else "cases")
    ids = args.ids or sorted(p.name for p in cases.iterdir() if (p / "truth.json").exists())
    truths = [json.loads((cases / name / "truth.json").read_text()) for name in ids]
    truths = [t for t in truths if args.backend in t["backends"]]
    rows: list[dict[str, Any]] = []
    kept: dict[str, Any] = {}

    def one(truth: dict[str, Any]) -> None:
        result = examine(cases / truth["id"], args.backend, args.timeout)
        rows.append(judge(truth, result))
        kept[truth["id"]] = {"row": rows[-1], **result}
        print(row(rows[-1]), flush=True)

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, truths))
    print(summary(rows))
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
