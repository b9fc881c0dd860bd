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
    """Bind ``sequence`` on ``target`` until ``owner`` is destroyed.

    A plain ``bind`` on the window outlives the frame that made it, and ``unbind`` takes away the
    bindings of others, too (before Python 3.13). A bind tag of one's own can be taken off alone.
    """
    tag = f"while{owner}{sequence}"  # a tag that begins with a dot would be a widget
    target.bindtags((*target.bindtags(), tag))
    owner.bind_class(tag, sequence, callback)

    def release(event: "tk.Event[tk.Misc]") -> None:
        if event.widget is owner:
            owner.unbind_class(tag, sequence)
            with contextlib.suppress(tk.TclError):  # the target is being destroyed as well
                target.bindtags(tuple(name for name in target.bindtags() if name != tag))

    owner.bind("<Destroy>", release, add=True)
