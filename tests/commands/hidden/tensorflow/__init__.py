"""Stands in front of TensorFlow where a script runs on JAX, as where only JAX is installed.

Keras imports TensorFlow to seed it, which takes three seconds of every script.
"""

raise ImportError("hidden by the tests")
