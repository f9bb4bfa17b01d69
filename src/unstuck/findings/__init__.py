"""Judgements: one cause, one file, in the package of its family."""
