"""Turns a trace of a recurrent site into named numbers, with NumPy alone.

One file a family of measurements, each with the derivation and the unit of its numbers: ``gates``,
``memory`` and ``horizon``, ``states``, ``weights``, ``flow``; ``site`` puts them together and
``depth`` compares sites. ``rows`` and ``lags`` say which entries count and in which order.
"""
