"""How the table of files looks: its style, which columns fit its width, which row is where."""

import tkinter as tk
from tkinter import ttk
from typing import Any

from stage3_auth.ui.palette import mix, parse_colour
from stage3_auth.ui.theme import Theme
from stage3_auth.ui.window import WindowParts
from stage4_rooms.ui.tree_style import dress_tree

STYLE = "Files.Treeview"
ROW_HEIGHT = 44  # pixels at 100 %, as all below
_WIDTHS = {"name": 240, "size": 84, "type": 110, "own": 110, "time": 140}
_LEAST_NAME = 190
# What gives way first when the window is narrow.
_GIVES_WAY = ("type", "time", "own")


def fit_columns(tree: ttk.Treeview, parts: WindowParts, width: int) -> None:
    """Show as many columns as fit beside a name that can be read."""
    px = parts.look.theme.px
    shown = [column for column in _WIDTHS if column != "name"]
    for column in _GIVES_WAY:
        if px(_LEAST_NAME + sum(_WIDTHS[name] for name in shown)) <= width:
            break
        shown.remove(column)
    if list(tree.cget("displaycolumns")) != shown:
        tree.configure(displaycolumns=shown)


def dress_files(frame: ttk.Frame, tree: ttk.Treeview, theme: Theme) -> None:
    """Set up the styles of the table for a theme."""
    px = theme.px
    style = dress_tree(tree, STYLE, theme, ground=theme.field, row_height=ROW_HEIGHT, inset=4)
    frame.configure(padding=(px(12), 0, 0, 0), style="Page.TFrame")
    style.configure("Page.TFrame", background=theme.field)
    label: Any = [
        ("Treeitem.indicator", {"side": "left", "sticky": ""}),
        ("Treeitem.image", {"side": "left", "sticky": ""}),
        ("Treeitem.text", {"side": "left", "sticky": ""}),
    ]
    style.layout(f"{STYLE}.Item", [("Treeitem.padding", {"sticky": "nsew", "children": label})])
    style.configure(STYLE, indent=px(22))
    style.configure(f"{STYLE}.Cell", padding=(px(4), 0, px(14), 0))
    share = 0.86 if theme.mode == "light" else 0.68
    chosen = mix(parse_colour(theme.selection), parse_colour(theme.field), share).hex
    style.map(STYLE, background=[("selected", chosen)], foreground=[("selected", theme.text)])
    heading: Any = [("Treeheading.text", {"sticky": "we"})]
    style.layout(
        f"{STYLE}.Heading", [("Treeheading.padding", {"sticky": "we", "children": heading})]
    )
    style.configure(
        f"{STYLE}.Heading",
        font=theme.small,
        foreground=theme.muted,
        background=theme.field,
        padding=(px(8), px(7), px(18), px(7)),
    )
    style.map(f"{STYLE}.Heading", foreground=[("active", theme.text)])
    for column, width in _WIDTHS.items():
        tree.column(
            "#0" if column == "name" else column,
            width=px(width),
            minwidth=px(60),
            stretch=column == "name",
            anchor="e" if column == "size" else "w",
        )


def row_below(tree: ttk.Treeview, row: str) -> str:
    """Return the row under this one as a person sees them, empty if there is none."""
    if tree.item(row, "open") and (inside := tree.get_children(row)):
        return inside[0]
    while row and not (following := tree.next(row)):
        row = tree.parent(row)
    return following if row else ""


def dress_menu(menu: tk.Menu, theme: Theme) -> None:
    """Give a menu the theme's colours where the desktop leaves that to programs."""
    menu.configure(
        font=theme.body,
        background=theme.trough if theme.mode == "light" else theme.raised,
        foreground=theme.text,
        activebackground=theme.selection,
        activeforeground=theme.selection_text,
        disabledforeground=theme.faint,
        borderwidth=theme.px(4),
        activeborderwidth=theme.px(4),
        relief="flat",
    )
