"""One small thing that theme and catalog share: a list of people to tell when something changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a terminal client uses the catalog where there is no tkinter
    import tkinter as tk


class Observers:
    """Callbacks without arguments; each may be tied to a widget and then dies with it.

    Belongs to the Tk thread: connect, disconnect and notify only there.
    """

    def __init__(self) -> None:
        self._callbacks: dict[int, Callable[[], object]] = {}
        self._next = 0

    def connect(
        self, callback: Callable[[], object], owner: tk.Misc | None = None
    ) -> Callable[[], None]:
        """Call ``callback`` at each change until ``owner`` is destroyed; return how to stop it."""
        key = self._next
        self._next += 1
        self._callbacks[key] = callback

        def disconnect() -> None:
            self._callbacks.pop(key, None)

        if owner is not None:
            # Children send <Destroy> to their window too: only the owner's own one counts.
            def destroyed(event: tk.Event[tk.Misc]) -> None:
                if event.widget is owner:
                    disconnect()

            owner.bind("<Destroy>", destroyed, add=True)
        return disconnect

    def notify(self) -> None:
        """Call everybody who is still connected, in the order of connecting."""
        for key in list(self._callbacks):
            callback = self._callbacks.get(key)
            if callback is not None:  # an earlier callback may have disconnected it
                callback()
