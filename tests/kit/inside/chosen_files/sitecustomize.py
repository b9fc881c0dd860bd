"""Answers the file dialogs of a window under test; Python imports this by its name at the start.

``KIT_CHOSEN_FILES`` names a file with one path a line. A real dialog would wait for a hand, and its
widgets are not tkinter's.
"""

import os
from pathlib import Path
from typing import Any


def chosen() -> tuple[str, ...]:
    """Return the paths that the test wants to be chosen next."""
    return tuple(Path(os.environ["KIT_CHOSEN_FILES"]).read_text("utf-8").splitlines())


def files(*_arguments: Any, **_options: Any) -> tuple[str, ...]:
    """Stand in for a dialog that returns any number of paths."""
    return chosen()


def one(*_arguments: Any, **_options: Any) -> str:
    """Stand in for a dialog that returns a path, or nothing."""
    return next(iter(chosen()), "")


try:
    from tkinter import filedialog
except ImportError:  # then there is no window either
    pass
else:
    filedialog.askopenfilenames = files
    filedialog.askopenfilename = filedialog.askdirectory = one
    filedialog.asksaveasfilename = one
