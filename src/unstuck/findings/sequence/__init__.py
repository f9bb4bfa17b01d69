"""Rules on how sequences are framed."""
