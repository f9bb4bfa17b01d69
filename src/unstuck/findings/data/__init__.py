"""Rules on what the data hold."""
