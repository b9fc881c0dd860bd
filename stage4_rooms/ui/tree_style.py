"""How a ``Treeview`` looks in our windows: rows with a picture, without indicators and borders."""

import tkinter as tk
from tkinter import ttk
from typing import Any

from stage3_auth.ui.theme import Theme


def dress_tree(
    widget: tk.Misc, style_name: str, theme: Theme, *, ground: str, row_height: int, inset: int
) -> ttk.Style:
    """Set up the style ``style_name`` on the colour ``ground``; sizes are pixels at 100 %."""
    style = ttk.Style(widget)
    style.layout(style_name, [("Treeview.treearea", {"sticky": "nsew"})])
    label: Any = [
        ("Treeitem.image", {"side": "left", "sticky": ""}),
        ("Treeitem.text", {"side": "left", "sticky": ""}),
    ]
    item: Any = [("Treeitem.padding", {"sticky": "nsew", "children": label})]
    style.layout(f"{style_name}.Item", item)
    style.configure(f"{style_name}.Item", padding=(theme.px(inset), 0))
    style.configure(
        style_name,
        rowheight=theme.px(row_height),
        background=ground,
        fieldbackground=ground,
        foreground=theme.text,
        font=theme.body,
        borderwidth=0,
    )
    style.map(
        style_name,
        background=[("selected", theme.trough)],
        foreground=[("selected", theme.text)],
    )
    return style
