"""Proof and cure: paired trials of changes, and the smallest change that makes a script train."""
