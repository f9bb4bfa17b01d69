"""Reads a training script without running it: an abstract evaluation of its syntax tree."""
