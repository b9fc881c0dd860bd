"""Where the keyboard goes, safe beside Tk's own dialogs.

tkinter's ``focus_displayof`` raises KeyError while one of them is open (a file dialog on Linux):
Tk made it, and tkinter knows no widget of that name.
"""

import tkinter as tk


def program_has_focus(widget: tk.Misc) -> bool:
    """Tell whether the keyboard goes to a window of this program, its dialogs included."""
    return _focus(widget) != ""


def has_focus(widget: tk.Misc) -> bool:
    """Tell whether the keyboard goes to `widget`."""
    return _focus(widget) == str(widget)


def _focus(widget: tk.Misc) -> str:
    return str(widget.tk.call("focus", "-displayof", str(widget)))
