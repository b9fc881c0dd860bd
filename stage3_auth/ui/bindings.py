"""Bindings on somebody else's widget that go away with their owner."""

import contextlib
import tkinter as tk
from collections.abc import Callable


def bind_while(
    owner: tk.Misc,
    target: tk.Misc,
    sequence: str,
    callback: "Callable[[tk.Event[tk.Misc]], object]",
) -> None:
    """Bind ``sequence`` on ``target``, beside what is bound there, until ``owner`` is destroyed.

    For a frame that listens to its window (keys reach a window's bindings from every widget in
    it): a plain ``bind`` would outlive the frame.
    """
    command = target.bind(sequence, callback, add=True)

    def release(event: "tk.Event[tk.Misc]") -> None:
        if event.widget is owner:
            with contextlib.suppress(tk.TclError):  # the target is being destroyed as well
                _unbind(target, sequence, command)

    owner.bind("<Destroy>", release, add=True)


def _unbind(target: tk.Misc, sequence: str, command: str) -> None:
    """Take away one binding; ``Misc.unbind`` takes all of them away before Python 3.13."""
    script = str(target.tk.call("bind", str(target), sequence))
    # tkinter writes a line for each binding: if {"[COMMAND ...]" == "break"} break
    others = [line for line in script.split("\n") if not line.startswith(f'if {{"[{command} ')]
    target.tk.call("bind", str(target), sequence, "\n".join(others).strip())
    target.deletecommand(command)
