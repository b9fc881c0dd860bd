"""Whether a window can be opened here at all."""


def why_no_window() -> str | None:
    """Return None when a window can be opened, else in one line why not and what would help."""
    try:
        import tkinter
    except ImportError:
        return "this Python has no tkinter (Debian, Ubuntu: sudo apt install python3-tk)"
    try:
        root = tkinter.Tk()
    except tkinter.TclError as error:
        return f"no window can be opened here: {error}"
    root.destroy()
    return None
