"""One x-ray by itself: as a notebook shows it, and as text."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from unstuck.pictures import SitePicture, XRayPicture
from unstuck.report import wording
from unstuck.report.inside import NAME, by_site, inside, keeper, reaches, sentence, when
from unstuck.report.terminal import PROSE, writable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

MAPPED = 3
"""Layers whose maps a notebook's cell shows, each of about 100 kB."""
TABLE, COLUMN = 72, 12
"""Columns of a layer's table, and of each of its three numbers."""
NARROWEST = 60
"""Columns below which a table of gates is unreadable: the terminal breaks its lines instead."""


def as_html(xray: XRayPicture) -> str:
    """Returns a piece of HTML for a notebook; it loads nothing and needs no script to be read."""
    from unstuck.report.html.memory import memory
    from unstuck.report.html.page import asset, environment
    from unstuck.report.html.still import still_maps

    mapped = [site for site in xray.sites if site.maps]
    return (
        environment()
        .get_template("xray.html")
        .render(
            title=title(xray),
            words=inside([xray]),
            memory=memory([xray]),
            sites=[
                {"name": wording.visible(site.name, NAME), "maps": still_maps(site)}
                for site in mapped[:MAPPED]
            ],
            left_out=max(0, len(mapped) - MAPPED),
            theme=asset("theme.css") + asset("notebook.css"),
            style=asset("report.css"),
            script=asset("shadow.js"),
        )
    )


def as_text(xray: XRayPicture, width: int = 80) -> str:
    """Returns an x-ray as plain text, for a log or a message."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=max(NARROWEST, width),
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
    )
    return _printed(console, xray)


def show(xray: XRayPicture, stream: TextIO | None = None) -> None:
    """Writes an x-ray to a stream, standard output if None; in colour where it is a terminal."""
    from rich.console import Console

    target = stream or sys.stdout
    console = Console(file=target, force_jupyter=False)
    console.width = max(NARROWEST, console.width)
    target.write(writable(_printed(console, xray), getattr(target, "encoding", None)))


def title(xray: XRayPicture) -> str:
    """Says what an x-ray is of, and when it was taken."""
    layers = len(xray.sites)
    of = f" of {layers} layer{'s' if layers > 1 else ''}" if layers else ""
    loss = "" if xray.loss is None else f", loss {wording.number(xray.loss)}"
    return f"X-ray{of} {when(xray)}: {wording.number(xray.samples)} samples{loss}"


def _printed(console: Console, xray: XRayPicture) -> str:
    with console.capture() as written:
        for part in _parts(xray, min(console.width, PROSE)):
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in written.get().splitlines())


def _parts(xray: XRayPicture, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    yield Text(title(xray), "bold")
    for words in (sentence([xray]), xray.withheld and f"Withheld: {xray.withheld}"):
        if words:
            yield _indented(wording.visible(words))
    said = inside([xray])
    if said:
        for words, (site,) in zip(said["sites"], by_site([xray]).values(), strict=False):
            yield Text(words["name"], "bold").append(f"  {words['size']}", "not bold dim")
            yield _table(words, width)
            yield _indented(_memory(site), "dim")
        if said["more"]:
            yield _indented(f"and {said['more']} more layers", "dim")


def _table(site: dict[str, Any], width: int) -> RenderableType:
    """Returns a row for each gate of a layer; the columns of all layers stand in line."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, width=min(width, TABLE), padding=0)
    table.add_column("  gate", header_style="dim", ratio=1)
    for name in ("mean", "saturated", "gradient"):
        table.add_column(name, justify="right", header_style="dim", width=COLUMN)
    for gate in site["gates"]:
        cells = (gate["mean"], gate["saturated"], gate["gradient"])
        table.add_row(Text(f"  {gate['name']}"), *map(Text, cells))
    return table


def _indented(words: str, style: str = "") -> RenderableType:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(words, style), (0, 0, 0, 2), expand=False)


def _memory(site: SitePicture) -> str:
    parts = [f"learning signal: {reaches(site)}"]
    if site.memory.half_life is not None:
        parts.append(
            f"half-life {wording.number(site.memory.half_life)} steps by the {keeper(site)} gate"
        )
    if site.memory.measured_half_life is not None:
        parts.append(f"{wording.number(site.memory.measured_half_life)} steps measured")
    return "; ".join(parts)
