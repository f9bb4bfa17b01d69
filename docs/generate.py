"""Writes the pages of docs/findings from the rules, whose docstrings they are.

python docs/generate.py
"""

from __future__ import annotations

import inspect
from pathlib import Path

from unstuck.findings.registry import rules
from unstuck.findings.rule import Rule

FOLDER = Path(__file__).with_name("findings")
NOTE = "<!-- Written by docs/generate.py from the rule's docstring: change that. -->\n"


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    return {"index.md": index(), **{f"{rule.code}.md": page(rule) for rule in rules()}}


def index() -> str:
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {summary(rule)} |" for rule in rules()
    ]
    return "\n".join(
        [
            NOTE,
            "# Findings",
            "",
            "What `unstuck` can find. `unstuck explain CODE` prints the same pages.",
            "",
            "| code | name | what |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def summary(rule: Rule) -> str:
    first: str = text(rule).partition("\n\n")[0]
    return " ".join(first.split()).replace("|", "\\|")


def text(rule: Rule) -> str:
    return inspect.getdoc(type(rule)) or ""


def page(rule: Rule) -> str:
    parts = [NOTE, f"# {rule.code}: {rule.name}", "", f"Cause: `{rule.cause}`", "", text(rule), ""]
    if rule.sick:
        parts += [
            "## Example",
            "",
            "With the fault:",
            "",
            "```python",
            rule.sick.strip(),
            "```",
            "",
        ]
        parts += ["Without it:", "", "```python", rule.healthy.strip(), "```", ""]
    return "\n".join(parts)


def main() -> None:
    made = pages()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.name for path in FOLDER.glob("*.md")} - made.keys():
        (FOLDER / stale).unlink()
    for name, content in made.items():
        (FOLDER / name).write_text(content, encoding="utf-8")
    print(f"{len(made)} pages in {FOLDER}")


if __name__ == "__main__":
    main()
