"""One more callback for a call of ``fit``, without a trace in what the user passed."""

from __future__ import annotations

from typing import Any


class Joined:
    """The arguments of one call of ``fit`` with the monitor among its callbacks.

    The monitor begins first, so that it is the one that watches if the user has another, and ends
    last: the weights that it measures in ``on_train_end`` are those that the user's callbacks
    leave, which may put the best ones back there.

    Args:
        model: The model whose ``fit`` is called.
        monitor: The callback to add.
        position: Index of ``callbacks`` among the positional arguments after ``self``.
        args: The user's positional arguments; never changed.
        kwargs: The user's keyword arguments; never changed.
    """

    def __init__(
        self,
        model: Any,
        monitor: Any,
        position: int,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self.monitor = monitor
        self._list: Any = None
        self._inside: Any = None
        if len(args) > position:
            callbacks = self._with_monitor(model, args[position])
            self.args = (*args[:position], callbacks, *args[position + 1 :])
            self.kwargs = kwargs
        else:
            callbacks = self._with_monitor(model, kwargs.get("callbacks"))
            self.args = args
            self.kwargs = {**kwargs, "callbacks": callbacks}

    def part(self) -> None:
        """Takes the monitor out of a ``CallbackList`` of the user again."""
        if self._list is not None:
            self._list.callbacks = self._inside

    def _with_monitor(self, model: Any, callbacks: Any) -> Any:
        from keras.callbacks import CallbackList

        if isinstance(callbacks, CallbackList):
            return self._lent(model, callbacks)
        if not callbacks:
            return [self.monitor]
        if isinstance(callbacks, list | tuple):
            return [self._opening(), *callbacks, self.monitor]
        # Keras dispatches callbacks asynchronously unless a list or tuple holds one that
        # forbids it; another nest of the same leaves keeps the user's dispatch as it was.
        return {"0": self._opening(), "1": callbacks, "2": self.monitor}

    def _opening(self) -> Any:
        """Returns a callback that lets the monitor begin, once, before others do."""
        from keras.callbacks import LambdaCallback

        return LambdaCallback(on_train_begin=lambda logs: self.monitor.open())

    def _lent(self, model: Any, callbacks: Any) -> Any:
        """Keras takes a ``CallbackList`` as it is, so it holds the monitor during the call."""
        self._list, self._inside = callbacks, callbacks.callbacks
        self.monitor.set_params(callbacks.params)
        self.monitor.set_model(model)
        callbacks.callbacks = [self._opening(), *self._inside, self.monitor]
        return callbacks
