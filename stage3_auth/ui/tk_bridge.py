"""The border between Tk's thread and all others.

Tk is not thread-safe: only the thread that runs ``mainloop`` may touch a widget. So a network
thread puts work on a ``queue.Queue``, and a callback that Tk itself calls through ``after`` takes
it off and does it. The other way, a blocking call is run on a thread of its own.

Nothing here ever joins a thread: a callback that waited for a thread which in turn waits for the
Tk thread would stand still for ever. Threads are daemons, and what they deliver after the end is
dropped.
"""

import queue
import sys
import threading
import time
import tkinter as tk
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_POLL_MS = 20  # people notice delays from about 100 ms on
_TURN_SECONDS = 0.01  # so long may delivered work hold up drawing and typing at a time


class Task:
    """A call under way; ``cancel`` makes sure that neither of its two callbacks comes any more.

    The call itself cannot be stopped: its result is dropped when it arrives.
    """

    def __init__(self) -> None:
        self._live = True

    @property
    def live(self) -> bool:
        """Whether a callback is still to come."""
        return self._live

    def cancel(self) -> None:
        """Drop the result; harmless when it was delivered already. Tk thread only."""
        self._live = False


class TkBridge:
    """Brings work to the thread of ``root``, and blocking calls away from it.

    Make one for each ``tk.Tk``, in its thread. It ends by itself when ``root`` is destroyed.
    """

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self._work: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._closed = False
        self._timer = root.after(_POLL_MS, self._deliver)
        root.bind("<Destroy>", self._root_destroyed, add=True)

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Have ``callback(*args)`` called in the Tk thread, in the order of posting.

        Any thread may post. After ``close`` it does nothing.
        """
        # BEGIN SOLUTION 3.10
        if not self._closed:
            self._work.put(lambda: callback(*args))
        # END SOLUTION

    def run(
        self,
        function: Callable[..., T],
        *args: Any,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> Task:
        """Call ``function(*args)`` on another thread; deliver its result or error in Tk's.

        Exactly one of ``done(result)`` and ``failed(error)`` is called, unless the task is
        cancelled or the bridge closed. An error without ``failed`` goes where Tk reports the
        errors of callbacks.
        """
        # BEGIN SOLUTION 3.10
        task = Task()

        def deliver(callback: Callable[[Any], object] | None, value: object) -> None:
            if task.live:
                task.cancel()
                if callback is not None:
                    callback(value)
                elif isinstance(value, Exception):
                    raise value

        def work() -> None:
            try:
                result = function(*args)
            except Exception as error:
                self.post(deliver, failed, error)
            else:
                self.post(deliver, done, result)

        threading.Thread(target=work, name=f"bridge {_name(function)}", daemon=True).start()
        return task
        # END SOLUTION

    def close(self) -> None:
        """Stop delivering, quietly; what is under way on other threads is forgotten."""
        if not self._closed:
            self._closed = True
            self._root.after_cancel(self._timer)

    def _deliver(self) -> None:
        """Do what was posted. A flood of work is cut into turns, so that the window lives on."""
        # BEGIN SOLUTION 3.10
        end = time.monotonic() + _TURN_SECONDS
        while not self._closed and time.monotonic() < end:
            try:
                call = self._work.get_nowait()
            except queue.Empty:
                break
            try:
                call()
            except Exception:
                self._root.report_callback_exception(*sys.exc_info())
        if not self._closed:
            self._timer = self._root.after(1 if not self._work.empty() else _POLL_MS, self._deliver)
        # END SOLUTION

    def _root_destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self._root:
            self.close()


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)
