"""A diagnosis as one page that needs no network."""

from unstuck.report.html.page import render, write

__all__ = ["render", "write"]
