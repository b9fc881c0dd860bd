"""The few ttk styles that sv-ttk does not have, drawn for the theme and scale in force.

Field.TFrame       the box around something to type in; states: focus, invalid, disabled
Segments.TFrame    the ground of a row of tabs; Segment.TButton one tab, state ``selected``
Ghost.TButton      a quiet button without an edge; Icon.TButton the same around a picture,
                   Inside.Icon.TButton inside a Field.TFrame
Link.TButton       a button that reads like a link; Status.TButton the same in a quiet colour
Row.TButton        a line of a list that can be chosen; state ``selected``
ErrorNotice.TLabel, SuccessNotice.TLabel, EmptyNotice.TLabel
                   a message on a ground of its colour; the empty one keeps the room for it

A ttk element cannot be changed once made, but every ttk theme has its own: light and dark each
get theirs the first time they are used.
"""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageTk

from .drawing import icon, rounded_box
from .palette import Colour, mix, parse_colour

if TYPE_CHECKING:
    from .theme import Theme


_CORNER = 9  # pixels at 100 %

Layout = list[tuple[str, Any]]  # ttk.Style.layout: element names with their options


class Skin:
    """Makes the styles, and keeps the pictures alive that they and the icons are made of."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self._pictures: dict[object, ImageTk.PhotoImage] = {}
        self._made: set[str] = set()

    def apply(self, theme: "Theme") -> None:
        """Make the styles for the theme that ttk has just switched to."""
        if theme.mode not in self._made:
            self._made.add(theme.mode)
            self._make_elements(theme)
        self._configure(theme)

    def icon(
        self, name: str, theme: "Theme", size: int = 18, tone: str = "muted"
    ) -> ImageTk.PhotoImage:
        """Return an icon in a colour of the theme; ``size`` is at 100 %."""
        colour = parse_colour(getattr(theme, tone))
        key = ("icon", name, theme.mode, size, tone)
        return self.keep(key, lambda: icon(name, theme.px(size), colour))

    def keep(self, key: object, draw: Callable[[], Image.Image]) -> ImageTk.PhotoImage:
        """Return the picture kept under ``key``, drawn the first time it is asked for."""
        if key not in self._pictures:
            self._pictures[key] = ImageTk.PhotoImage(draw(), master=self._root)
        return self._pictures[key]

    def _make_elements(self, theme: "Theme") -> None:
        box = _Boxes(self, theme)
        hairline, bold = max(1.0, theme.scale), 2.0 * theme.scale
        self._element(
            "Course.field",
            theme,
            box.draw(theme.field, theme.field_edge, hairline),
            ("disabled", box.draw(theme.hover, theme.edge, hairline)),
            ("invalid focus", box.draw(theme.field, theme.error, bold)),
            ("invalid", box.draw(theme.field, theme.error, hairline)),
            ("focus", box.draw(theme.field, theme.accent, bold)),
        )
        self._element("Course.trough", theme, box.draw(theme.trough, None, 0))
        self._element(
            "Course.segment",
            theme,
            box.draw(None, None, 0),
            ("selected focus", box.draw(theme.raised, theme.accent, bold)),
            ("selected", box.draw(theme.raised, theme.edge, hairline)),
            ("focus", box.draw(None, theme.accent, bold)),
            ("active", box.draw(theme.hover, None, 0)),
        )
        self._element(
            "Course.ghost",
            theme,
            box.draw(None, None, 0),
            ("pressed", box.draw(theme.trough, None, 0)),
            ("focus", box.draw(None, theme.accent, bold)),
            ("active", box.draw(theme.hover, None, 0)),
        )
        self._element(
            "Course.row",
            theme,
            box.draw(None, None, 0),
            ("pressed", box.draw(theme.trough, None, 0)),
            ("focus", box.draw(theme.field, theme.accent, bold)),
            ("active", box.draw(theme.hover, None, 0)),
        )
        for tone in ("error", "success"):
            self._element(f"Course.notice_{tone}", theme, box.draw(tint(theme, tone), None, 0))

    def _element(
        self, name: str, theme: "Theme", rest: ImageTk.PhotoImage, *states: tuple[str, Any]
    ) -> None:
        specs = [(*state.split(), picture) for state, picture in states]
        corner = theme.px(_CORNER)
        smallest = 2 * corner
        ttk.Style(self._root).element_create(
            name,
            "image",
            rest,
            *specs,
            border=corner,
            padding=0,
            sticky="nsew",
            width=smallest,
            height=smallest,
        )

    def _configure(self, theme: "Theme") -> None:
        style, px = ttk.Style(self._root), theme.px
        style.layout("Field.TFrame", [("Course.field", {"sticky": "nsew"})])
        style.layout("Segments.TFrame", [("Course.trough", {"sticky": "nsew"})])
        for name, element in (
            ("Segment.TButton", "Course.segment"),
            ("Ghost.TButton", "Course.ghost"),
            ("Icon.TButton", "Course.ghost"),
            ("Link.TButton", "Course.ghost"),
            ("Status.TButton", "Course.ghost"),
        ):
            label: Layout = [("Button.label", {"sticky": ""})]
            padded: Layout = [("Button.padding", {"sticky": "nsew", "children": label})]
            style.layout(name, [(element, {"sticky": "nsew", "children": padded})])
        style.configure("Segments.TFrame", background=theme.background)
        style.configure("Field.TFrame", background=theme.background)
        style.configure(
            "Segment.TButton",
            padding=(px(10), px(5)),
            font=theme.strong,
            foreground=theme.muted,
            background=theme.trough,
            anchor="center",
        )
        style.map("Segment.TButton", foreground=[("selected", theme.text), ("active", theme.text)])
        style.configure(
            "Ghost.TButton", padding=(px(9), px(4)), font=theme.small, foreground=theme.muted
        )
        style.map("Ghost.TButton", foreground=[("active", theme.text)])
        style.configure("Icon.TButton", padding=px(5))
        style.configure("Inside.Icon.TButton", padding=px(3), background=theme.field)
        style.map("Inside.Icon.TButton", background=[("readonly", theme.hover)])
        style.configure(
            "Link.TButton", padding=(px(4), px(3)), font=theme.small, foreground=theme.accent
        )
        style.map("Link.TButton", foreground=[("disabled", theme.muted)])
        style.configure(
            "Status.TButton", padding=(px(5), px(4)), font=theme.small, foreground=theme.muted
        )
        style.map("Status.TButton", foreground=[("active", theme.text)])
        self._configure_rows(theme, style)
        self._configure_notices(theme, style)

    def _configure_rows(self, theme: "Theme", style: ttk.Style) -> None:
        words: Layout = [("Button.label", {"sticky": "w"})]
        padded: Layout = [("Button.padding", {"sticky": "nsew", "children": words})]
        style.layout("Row.TButton", [("Course.row", {"sticky": "nsew", "children": padded})])
        style.configure(
            "Row.TButton",
            padding=(theme.px(10), theme.px(6)),
            font=theme.body,
            foreground=theme.text,
            anchor="w",
        )
        style.map("Row.TButton", foreground=[("disabled", theme.muted)])

    def _configure_notices(self, theme: "Theme", style: ttk.Style) -> None:
        words: Layout = [("Label.label", {"sticky": "nsew"})]
        padded: Layout = [("Label.padding", {"sticky": "nsew", "children": words})]
        for tone in ("error", "success"):
            name = f"{tone.title()}Notice.TLabel"
            ground = f"Course.notice_{tone}"
            style.layout(name, [(ground, {"sticky": "nsew", "children": padded})])
            style.configure(name, foreground=getattr(theme, tone))
        for name in ("ErrorNotice.TLabel", "SuccessNotice.TLabel", "EmptyNotice.TLabel"):
            style.configure(name, font=theme.small, padding=(theme.px(10), theme.px(5)))


class _Boxes:
    """Draws the pictures that elements are made of: corners, and what is repeated between them.

    ttk fills an element by laying pieces of the picture side by side: the longer the piece, the
    fewer of them to draw at each key that is typed.
    """

    def __init__(self, skin: Skin, theme: "Theme") -> None:
        self._skin = skin
        self._theme = theme

    def draw(self, fill: str | None, edge: str | None, line: float) -> ImageTk.PhotoImage:
        px = self._theme.px
        size = 2 * px(_CORNER) + px(100), 2 * px(_CORNER) + px(24)

        def drawn() -> Image.Image:
            if fill is None and edge is None:
                return Image.new("RGBA", size)
            return rounded_box(
                size, px(_CORNER - 1), fill=_colour(fill), edge=_colour(edge), line=line
            )

        return self._skin.keep(("box", self._theme.mode, fill, edge, line), drawn)


def tint(theme: "Theme", tone: str) -> str:
    """Return the theme's ground with a little of one of its colours."""
    share = 0.08 if theme.mode == "light" else 0.14
    return mix(parse_colour(theme.background), parse_colour(getattr(theme, tone)), share).hex


def _colour(text: str | None) -> Colour | None:
    return parse_colour(text) if text else None
