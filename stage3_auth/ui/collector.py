"""Tk's things die in Tk's thread: Python's collector of cyclic garbage runs there, and only there.

A widget and its callbacks know each other, so what is left of a closed page waits for the collector
of cycles, and that runs in whichever thread allocates next. If it frees an image in another thread,
Tk is called from there, and the call waits for Tk's thread. When that one waits too
(``Thread.start`` waits until the new thread runs, and a new thread allocates), both stand still for
ever: it happened to one log-out in some hundreds.
"""

import gc
import tkinter as tk

_PERIOD_MS = 500


class Collector:
    """Collects in the thread of ``root``, as often as Python would by itself, until it is gone."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        gc.disable()
        gc.freeze()  # what was imported stays for good: no need to look through it again
        self._timer = root.after(_PERIOD_MS, self._look)
        root.bind("<Destroy>", self._root_destroyed, add=True)

    def _look(self) -> None:
        due = [n for n in (2, 1, 0) if gc.get_count()[n] > gc.get_threshold()[n]]
        if due:
            gc.collect(due[0])
        self._timer = self._root.after(_PERIOD_MS, self._look)

    def _root_destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self._root:
            self._root.after_cancel(self._timer)
            gc.enable()
