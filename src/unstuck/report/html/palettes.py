"""Colours for numbers that the colour-blind can read too, from a few anchors each.

viridis: Smith and van der Walt (2015). cividis: Nuñez, Anderton and Renslow (2018), for
doi:10.1371/journal.pone.0199239. The signed one runs over neutral grey between the blue and the
orange of ColorBrewer (Harrower and Brewer 2003), the pair that dichromats tell apart best.
"""

from __future__ import annotations

PALETTES: dict[str, tuple[str, ...]] = {
    "viridis": (
        "#440154",
        "#482878",
        "#3e4989",
        "#31688e",
        "#26828e",
        "#1f9e89",
        "#35b779",
        "#6ece58",
        "#b5de2b",
        "#fde725",
    ),
    "cividis": (
        "#00306f",
        "#2f416d",
        "#4a526c",
        "#61636f",
        "#777677",
        "#8f8978",
        "#a89e73",
        "#c2b369",
        "#dfca57",
        "#fee838",
    ),
    "signed": (
        "#08306b",
        "#2171b5",
        "#6baed6",
        "#c6dbef",
        "#f2f0eb",
        "#fdd0a2",
        "#fd8d3c",
        "#d94801",
        "#7f2704",
    ),
}
"""Rising. What is exactly zero is no colour but the page's own, hence no palette ends in it."""

BROKEN = "#ff00c8"
"""For what is no number: a pink that no palette holds."""


def colour(palette: str, share: float) -> str:
    """Returns the colour at a share between 0 (lowest) and 1 (highest) of a palette."""
    anchors = PALETTES[palette]
    at = min(max(share, 0.0), 1.0) * (len(anchors) - 1)
    below = min(int(at), len(anchors) - 2)
    mixed = (
        round(low + (high - low) * (at - below))
        for low, high in zip(channels(anchors[below]), channels(anchors[below + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def channels(colour: str) -> tuple[int, int, int]:
    """Returns red, green and blue of "#rrggbb", 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
