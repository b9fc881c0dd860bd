"""What can be done to a widget, by its name; runs in the thread of the window's event loop."""

import tkinter
from tkinter import ttk
from typing import Any


class NotThere(Exception):
    """There is no such widget, or it cannot do that."""


def every(root: tkinter.Misc) -> list[tkinter.Misc]:
    """Return all widgets below ``root`` and itself, windows of their own too."""
    found = [root]
    for child in root.winfo_children():
        found += every(child)
    return found


# These make the program do something, and that may be to open a dialog and wait for it. So they are
# carried out after their request was answered; what goes wrong is told with the next answer.
ACTIONS = {"click", "invoke", "key", "type", "close", "event"}


def find(root: tkinter.Misc, name: str) -> tkinter.Misc:
    """Return the widget of this name: a path (".login.user_name") or its last part.

    Of several with the same last part the one that is shown is meant.
    """
    if not name or name == ".":
        return root
    if name.startswith("."):
        try:
            found_there: tkinter.Misc = root.nametowidget(name)
            return found_there
        except KeyError:
            raise NotThere(f"there is no widget {name}; {_known(root)}") from None
    found = [widget for widget in every(root) if widget.winfo_name() == name]
    shown = [widget for widget in found if widget.winfo_viewable()]
    if not found:
        raise NotThere(f"there is no widget named {name!r}; {_known(root)}")
    if len(shown) > 1:
        paths = ", ".join(str(widget) for widget in shown)
        raise NotThere(f"{len(shown)} widgets are named {name!r}: {paths}")
    return (shown or found)[0]


def _known(root: tkinter.Misc) -> str:
    # Names that begin with "!" are made by tkinter.
    names = [widget.winfo_name() for widget in every(root)]
    named = sorted({name for name in names if not name.startswith("!")} - {root.winfo_name()})
    return "the named ones are: " + (", ".join(named) or "none")


def do_text(root: tkinter.Misc, name: str) -> str:
    """Return what a widget says: its content, its label, or the lines of a list."""
    widget = find(root, name)
    if isinstance(widget, tkinter.Text):
        return widget.get("1.0", "end-1c")
    if isinstance(widget, tkinter.Entry | ttk.Entry):  # comboboxes and spinboxes are entries
        return widget.get()
    if isinstance(widget, tkinter.Listbox):
        return "\n".join(str(line) for line in widget.get(0, "end"))
    if isinstance(widget, ttk.Treeview):
        return "\n".join(_tree_lines(widget))
    if isinstance(widget, tkinter.Canvas):
        call, path = widget.tk.call, str(widget)
        texts = [item for item in widget.find_all() if str(call(path, "type", item)) == "text"]
        return "\n".join(str(call(path, "itemcget", item, "-text")) for item in texts)
    if isinstance(widget, tkinter.Toplevel | tkinter.Tk):
        return str(widget.title())
    try:
        return str(widget.cget("text"))
    except tkinter.TclError:
        raise NotThere(f"{name} ({widget.winfo_class()}) has no text") from None


def _tree_lines(tree: ttk.Treeview, item: str = "") -> list[str]:
    lines = []
    for child in tree.get_children(item):
        cells = [tree.item(child, "text"), *tree.item(child, "values")]
        lines.append("\t".join(str(cell) for cell in cells if cell != ""))
        lines += _tree_lines(tree, child)
    return lines


def do_state(root: tkinter.Misc, name: str) -> dict[str, Any]:
    """Return whether the widget is there, shown, enabled, has the focus, and its class."""
    try:
        widget = find(root, name)
    except NotThere:
        return {"exists": False, "visible": False, "enabled": False, "focused": False}
    if isinstance(widget, ttk.Widget):
        enabled = not widget.instate(["disabled"])
    else:
        options = widget.keys()
        enabled = "state" not in options or str(widget.cget("state")) != "disabled"
    return {
        "exists": True,
        "visible": bool(widget.winfo_viewable()),
        "enabled": enabled,
        "focused": root.focus_get() is widget,
        "class": widget.winfo_class(),
        "path": str(widget),
    }


def do_click(root: tkinter.Misc, name: str, x: int | None, y: int | None) -> None:
    """Press and release the first mouse button on the widget, in its middle unless told where."""
    widget = _shown(root, name)
    left = widget.winfo_width() // 2 if x is None else x
    top = widget.winfo_height() // 2 if y is None else y
    # In this order a real pointer arrives: widgets that light up, and items of a canvas, need it.
    for event in ("<Enter>", "<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        if not widget.winfo_exists():
            return
        widget.event_generate(event, x=left, y=top)


def do_invoke(root: tkinter.Misc, name: str, item: str | None) -> None:
    """Carry out the command of a button, or of the entry of a menu with this label."""
    widget = find(root, name)
    if isinstance(widget, tkinter.Menu):
        widget.invoke(item or 0)
    elif hasattr(widget, "invoke"):
        widget.invoke()
    else:
        raise NotThere(f"{name} ({widget.winfo_class()}) has no command")


def do_focus(root: tkinter.Misc, name: str) -> None:
    """Give the widget the focus, also without a window manager."""
    widget = _shown(root, name)
    widget.focus_force()
    widget.update()


def do_type(root: tkinter.Misc, name: str, text: str) -> None:
    """Type ``text`` into the widget, which has the focus, one key after the other."""
    widget = _shown(root, name)
    for char in text:
        _type_char(widget, char)


# The procedures that Tk's own key bindings call: for characters that no key makes here.
_INSERTS = {
    "Text": "tk::TextInsert",
    "Entry": "tk::EntryInsert",
    "TEntry": "ttk::entry::Insert",
    "TCombobox": "ttk::entry::Insert",
}


def _type_char(widget: tkinter.Misc, char: str) -> None:
    special = {"\n": "Return", "\t": "Tab", "\b": "BackSpace", " ": "space"}
    if char in special or (char.isascii() and char.isalnum()):
        keysym = special.get(char, char)
        widget.event_generate("<KeyPress>", keysym=keysym)
        if widget.winfo_exists():
            widget.event_generate("<KeyRelease>", keysym=keysym)
        return
    insert = _INSERTS.get(widget.winfo_class())
    if insert is None:
        raise NotThere(f"{widget} ({widget.winfo_class()}) takes no text")
    widget.tk.call(insert, str(widget), char)
    # Programs listen to KeyRelease to look at what was typed.
    widget.event_generate("<KeyRelease>", keysym="Shift_L")


def do_clear(root: tkinter.Misc, name: str) -> None:
    """Empty an entry or a text."""
    widget = find(root, name)
    if isinstance(widget, tkinter.Text):
        widget.delete("1.0", "end")
    elif isinstance(widget, tkinter.Entry | ttk.Entry):
        widget.delete(0, "end")
    else:
        raise NotThere(f"{name} ({widget.winfo_class()}) has nothing to clear")


def do_key(root: tkinter.Misc, name: str, key: str) -> None:
    """Press a key, such as Return or Control-a, in the widget, which has the focus."""
    widget = _shown(root, name)
    widget.event_generate(f"<{key}>")


def do_event(root: tkinter.Misc, name: str, sequence: str, fields: dict[str, Any]) -> None:
    """Generate any event in the widget."""
    find(root, name).event_generate(sequence, **fields)


def do_choose(root: tkinter.Misc, name: str, line: str) -> None:
    """Choose the line of a list, tree or combobox that contains ``line``."""
    widget = find(root, name)
    if isinstance(widget, ttk.Combobox):
        lines = [str(value) for value in widget.cget("values")]
        widget.current(_place(lines, line))
        widget.event_generate("<<ComboboxSelected>>")
    elif isinstance(widget, tkinter.Listbox):
        place = _place([str(text) for text in widget.get(0, "end")], line)
        widget.selection_clear(0, "end")
        widget.selection_set(place)
        widget.event_generate("<<ListboxSelect>>")
    elif isinstance(widget, ttk.Treeview):
        items = [item for item in widget.get_children() if line in " ".join(_cells(widget, item))]
        if not items:
            raise NotThere(f"no line with {line!r} in {name}")
        widget.selection_set(items[0])
        widget.focus(items[0])
    else:
        raise NotThere(f"{name} ({widget.winfo_class()}) is no list")


def _cells(tree: ttk.Treeview, item: str) -> list[str]:
    return [str(cell) for cell in (tree.item(item, "text"), *tree.item(item, "values"))]


def _place(lines: list[str], wanted: str) -> int:
    for place, line in enumerate(lines):
        if wanted in line:
            return place
    raise NotThere(f"no line with {wanted!r}; there are: {', '.join(lines) or 'none'}")


def do_geometry(root: tkinter.Misc, name: str) -> list[int]:
    """Return x, y, width and height of the widget on the screen."""
    widget = find(root, name)
    widget.update_idletasks()
    return [
        widget.winfo_rootx(),
        widget.winfo_rooty(),
        widget.winfo_width(),
        widget.winfo_height(),
    ]


def do_focused(root: tkinter.Misc) -> str:
    """Return the path of the widget that has the keyboard, "" when no widget here has it."""
    focus = root.focus_get()
    return "" if focus is None else str(focus)


def do_window_id(root: tkinter.Misc, name: str) -> int:
    """Return the X window's number, for xdotool."""
    return find(root, name).winfo_id()


def do_widgets(root: tkinter.Misc) -> list[list[Any]]:
    """Return path, class and whether it is shown of every widget."""
    return [[str(w), w.winfo_class(), bool(w.winfo_viewable())] for w in every(root)]


def do_lift(root: tkinter.Misc) -> None:
    """Bring the window to the front and give it the focus: there is no window manager to do it."""
    window = root.winfo_toplevel()
    if isinstance(window, tkinter.Tk | tkinter.Toplevel):
        window.lift()
    window.focus_force()
    window.update()


def do_resize(root: tkinter.Misc, name: str, width: int, height: int) -> None:
    """Give a window a size in pixels; never less than the least it allows."""
    window = find(root, name).winfo_toplevel()
    window.tk.call("wm", "geometry", str(window), f"{width}x{height}")
    window.update()


def do_close(root: tkinter.Misc, name: str) -> None:
    """Do what the close button of a window does."""
    window = find(root, name).winfo_toplevel()
    handler = window.tk.call("wm", "protocol", str(window), "WM_DELETE_WINDOW")
    if handler:
        window.tk.call(handler)
    else:
        window.destroy()


def _shown(root: tkinter.Misc, name: str) -> tkinter.Misc:
    widget = find(root, name)
    if not widget.winfo_viewable():
        raise NotThere(f"{name} is not shown")
    return widget
