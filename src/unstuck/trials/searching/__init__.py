"""A search over sizes and rates, where no single change makes a script train.

Each module of ``KNOBS`` is one setting that a script may show: it reads the script's own value,
says which others are worth trying, and gives the edits that set one. ``study`` asks Optuna for
settings and has them run as trials of the script; ``setting`` makes changes of them, which are
proven and made smaller as all others are.
"""
