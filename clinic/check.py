"""Let the tool judge the clinic's cases, and keep the score.

Usage: python clinic/check.py [--set kept] [--backend NAME] [--cured] [--fresh] [WORD ...]

A word names a case, a cause, a family ("OPT"), "sick" or "healthy"; without one all cases are run.
What has been measured is kept in clinic/results and not measured again until a case's files or the
code that measures change; where only rules have changed, the recordings are judged again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from clinic.judging import Row, judged  # noqa: E402
from clinic.rivals import rival_scores  # noqa: E402
from clinic.running import RESULTS, Bench, Result  # noqa: E402
from clinic.truths import CURED, SETS, Case, all_cases, chosen  # noqa: E402
from clinic.writing import Board, line, page, summary  # noqa: E402

FIRST, ALL = "first", "all"
Run = tuple[Case, str]


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="cases, causes, families")
    parser.add_argument("--set", dest="sets", action="append", choices=SETS)
    parser.add_argument("--kept", action="store_const", dest="sets", const=["kept"])
    parser.add_argument(
        "--backend",
        default=FIRST,
        choices=[FIRST, ALL, "jax", "tensorflow", "torch"],
        help="the first that a case declares (default), all of them, or one",
    )
    parser.add_argument("--cured", action="store_true", help="also the scripts without their fault")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for one case")
    parser.add_argument("--fresh", action="store_true", help="use no result that was kept")
    parser.add_argument("--dry", action="store_true", help="run nothing, show what was kept")
    parser.add_argument("--json", type=Path, help="write rows and documents here")
    parser.add_argument("--write", type=Path, help="write the scoreboard as a page here")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where results are kept")
    return parser.parse_args(given)


def runs_of(cases: list[Case], backend: str) -> list[Run]:
    """The backends to run each case on, among those that its truth holds for."""
    if backend == FIRST:
        return [(case, case.backends[0]) for case in cases]
    return [(case, name) for case in cases for name in case.backends if backend in (ALL, name)]


def results_of(
    runs: list[Run], bench: Bench, args: argparse.Namespace, say: Callable[[str], None]
) -> dict[Run, Result]:
    """Takes what was kept, runs what is missing in parallel, and says each row at once."""

    def one(run: Run) -> Result | None:
        kept = None if args.fresh else bench.kept(*run)
        return kept if kept is not None or args.dry else bench.run(*run)

    found: dict[Run, Result] = {}
    with ThreadPoolExecutor(args.jobs) as pool:
        waiting = {pool.submit(one, run): run for run in runs}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                run, result = waiting[future], future.result()
                if result is not None:
                    found[run] = result
                    say(f"{done:>4}/{len(runs)} {line(judged(*run, result))}")
        except BaseException:
            # Whoever interrupts wants no further case to start; what is done has been kept.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {run: found[run] for run in runs if run in found}


def board_of(found: dict[Run, Result], missing: int) -> Board:
    """Judges the results, and lets the baselines judge the same recordings.

    The cured scripts count for the tool alone, so that baselines are not charged with them twice.
    """
    rows = [judged(case, backend, result) for (case, backend), result in found.items()]
    recordings = [
        (case, result.recording)
        for (case, _), result in found.items()
        if result.recording is not None and not case.id.endswith(CURED)
    ]
    return Board(rows, rival_scores(recordings), missing)


def as_json(found: dict[Run, Result], rows: list[Row]) -> str:
    """Rows and documents for other programs."""
    documents = [result.document for result in found.values()]
    entries = [
        {
            "id": row.case.id,
            "backend": row.backend,
            "truth": row.case.causes,
            "answer": row.answer,
            "first": row.first,
            "accepted": row.equal,
            "top3": row.top,
            "line": row.line,
            "verdict": row.verdict,
            "verdict_right": row.verdict_right,
            "errors": row.errors,
            "seconds": row.seconds,
            "failure": row.failure,
            "document": document,
        }
        for row, document in zip(rows, documents, strict=True)
    ]
    return json.dumps(entries, indent=1)


def main(given: list[str] | None = None) -> int:
    """Runs the chosen cases, prints a row for each and the scoreboard."""
    args = arguments(given)
    cases = chosen(all_cases(args.sets or SETS, args.cured), args.words)
    runs = runs_of(cases, args.backend)
    if not runs:
        print("No case has that name, cause or family, on that backend.", file=sys.stderr)
        return 2
    found = results_of(
        runs, Bench(args.results, args.timeout), args, lambda row: print(row, flush=True)
    )
    board = board_of(found, len(runs) - len(found))
    print(summary(board))
    if args.json:
        args.json.write_text(as_json(found, list(board.rows)))
    if args.write:
        args.write.write_text(page(board))
    return 0


if __name__ == "__main__":
    sys.exit(main())
