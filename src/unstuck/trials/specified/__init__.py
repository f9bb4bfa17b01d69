"""Trials of a model and its data: a training as one description that nothing else decides."""
