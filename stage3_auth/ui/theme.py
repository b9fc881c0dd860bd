"""Colours, fonts and sizes of every window, light and dark: one frozen ``Theme``, one ``Look``.

``Look(root)`` belongs to one ``tk.Tk``. It dresses ttk through sv-ttk, keeps the named fonts, and
tells its observers when the theme was switched. ttk widgets then follow by themselves; widgets
that are not ttk (Text, Canvas, Label) are dressed by ``style_text`` and friends in an observer::

    look.changed.connect(lambda: style_text(transcript, look.theme), owner=transcript)

Widgets name fonts, never families: a change of language gives the same names other families.
"""

import tkinter as tk
from collections.abc import Sequence
from dataclasses import dataclass
from tkinter import font as tkfont
from tkinter import ttk
from typing import Literal

import sv_ttk

from .desktop import display_scale, prefers_dark
from .observers import Observers
from .skin import Skin
from .sv_scaling import load_scaled

Mode = Literal["light", "dark"]

# The first family that is installed is taken. For Chinese the order differs: a family that holds
# Simplified forms must come first, or a font made for Japanese may draw the characters.
_LATIN = (
    "Segoe UI Variable Text",
    "Segoe UI",
    "SF Pro Text",
    "Helvetica Neue",
    "Inter",
    "Noto Sans",
    "Cantarell",
    "Ubuntu",
)
_CHINESE = (
    "Microsoft YaHei UI",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
_MONO = (
    "Cascadia Mono",
    "Consolas",
    "SF Mono",
    "Menlo",
    "Noto Sans Mono CJK SC",
    "DejaVu Sans Mono",
)


@dataclass(frozen=True)
class Theme:
    """Everything a widget may ask for. Colours are ``#rrggbb``, fonts are names of Tk fonts.

    All text colours but ``faint`` keep a contrast of 4.5 against ``background`` and ``field``.
    """

    mode: Mode
    scale: float

    background: str
    text: str
    muted: str  # second rank: hints, times, counts
    faint: str  # placeholders only: below a contrast of 4.5
    edge: str  # lines that separate
    field: str  # ground of what can be typed in
    field_edge: str
    hover: str  # ground of a quiet button under the pointer
    trough: str  # ground of a row of tabs
    raised: str  # the chosen tab on that ground
    accent: str  # focus, links
    selection: str
    selection_text: str
    error: str
    success: str
    backdrop: str  # behind cards

    small: str = "CourseSmall"
    body: str = "CourseBody"
    strong: str = "CourseStrong"
    subtitle: str = "CourseSubtitle"
    title: str = "CourseTitle"
    mono: str = "CourseMono"

    def px(self, size: float) -> int:
        """Return a length at 100 % as whole pixels at this scale."""
        return round(size * self.scale)


_SIZES = {"small": 12, "body": 14, "strong": 14, "subtitle": 17, "title": 25, "mono": 13}
_BOLD = ("strong", "subtitle", "title")


def light_theme(scale: float = 1.0) -> Theme:
    """Return the light theme at a scale."""
    return Theme(
        mode="light",
        scale=scale,
        background="#fafafa",  # sv-ttk's own ground, so that its widgets blend in
        text="#1c1c1c",
        muted="#5f6370",
        faint="#8d919d",
        edge="#e2e3e8",
        field="#ffffff",
        field_edge="#c9ccd6",
        hover="#ececf1",
        trough="#ebecf1",
        raised="#ffffff",
        accent="#005fb8",
        selection="#2f60d8",
        selection_text="#ffffff",
        error="#c01f2e",
        success="#1b7a3d",
        backdrop="#eef0fb",
    )


def dark_theme(scale: float = 1.0) -> Theme:
    """Return the dark theme at a scale."""
    return Theme(
        mode="dark",
        scale=scale,
        background="#1c1c1c",
        text="#fafafa",
        muted="#a9adb9",
        faint="#7c808c",
        edge="#353539",
        field="#272729",
        field_edge="#4a4a50",
        hover="#2e2e31",
        trough="#2a2a2d",
        raised="#414146",
        accent="#57c8ff",
        selection="#2f60d8",
        selection_text="#ffffff",
        error="#ff8a8a",
        success="#6fd58f",
        backdrop="#0d0e17",
    )


class Look:
    """The theme in force in one Tk application, and the switch for it.

    ``mode`` None follows the desktop, ``scale`` None the screen (1.0 to 2.0, fixed for the life of
    the root). Belongs to the Tk thread.
    """

    def __init__(
        self,
        root: tk.Tk,
        mode: Mode | None = None,
        scale: float | None = None,
        language: str = "en",
    ) -> None:
        self.root = root
        self.changed = Observers()
        self._scale = min(2.0, max(1.0, scale or display_scale(root)))
        root.tk.call("tk", "scaling", self._scale * 96 / 72)
        self._fonts = {
            role: tkfont.Font(root, name=getattr(Theme, role), exists=False, size=-size)
            for role, size in _SIZES.items()
        }
        self.skin = Skin(root)
        load_scaled(root, self._scale)
        self.use_language(language)
        self.theme = light_theme(self._scale)
        self.use(mode or ("dark" if prefers_dark() else "light"))

    def use(self, mode: Mode) -> None:
        """Switch to light or dark; observers are told when all ttk widgets follow."""
        self.theme = (dark_theme if mode == "dark" else light_theme)(self._scale)
        sv_ttk.set_theme(mode, self.root)
        # sv-ttk colours its styles when Tk gets round to <<ThemeChanged>>; observers need it now.
        self.root.tk.call("configure_colors")
        self._style()
        self.skin.apply(self.theme)
        self.changed.notify()

    def toggle(self) -> None:
        """Switch to the other mode."""
        self.use("light" if self.theme.mode == "dark" else "dark")

    def use_language(self, language: str) -> None:
        """Give every named font the family that suits a language, ``"en"`` or ``"zh"``."""
        wanted = (*_CHINESE, *_LATIN) if language == "zh" else (*_LATIN, *_CHINESE)
        installed = set(tkfont.families(self.root))
        family = _first(wanted, installed, tkfont.nametofont("TkDefaultFont", self.root))
        mono = _first(_MONO, installed, tkfont.nametofont("TkFixedFont", self.root))
        for role, size in _SIZES.items():
            self._fonts[role].configure(
                family=mono if role == "mono" else family,
                size=-round(size * self._scale),
                weight="bold" if role in _BOLD else "normal",
            )
        self._align_foreign_fonts(family)

    def _align_foreign_fonts(self, family: str) -> None:
        """Give Tk's and sv-ttk's own named fonts the same family, at our scale."""
        own = {"SunValleyCaptionFont": 12, "SunValleyBodyFont": 14, "SunValleyBodyStrongFont": 14}
        own |= {"TkDefaultFont": 14, "TkTextFont": 14, "TkMenuFont": 14, "TkHeadingFont": 14}
        for name, size in own.items():
            font = tkfont.nametofont(name, self.root)
            font.configure(family=family, size=-round(size * self._scale))

    def _style(self) -> None:
        """Set what sv-ttk leaves open: our text styles, and heights that follow the fonts."""
        theme, style = self.theme, ttk.Style(self.root)
        for name, colour, font in (
            ("Muted.TLabel", theme.muted, theme.small),
            ("Error.TLabel", theme.error, theme.small),
            ("Success.TLabel", theme.success, theme.small),
            ("Caption.TLabel", theme.text, theme.small),
            ("Strong.TLabel", theme.text, theme.strong),
            ("Subtitle.TLabel", theme.text, theme.subtitle),
            ("Title.TLabel", theme.text, theme.title),
        ):
            style.configure(name, foreground=colour, font=font)
        line = self._fonts["body"].metrics("linespace")
        style.configure("Treeview", rowheight=line + theme.px(6))


def style_text(widget: tk.Text, theme: Theme) -> None:
    """Dress a ``Text`` (entry, transcript) for a theme; a border is left to what stands around."""
    widget.configure(
        background=theme.field,
        foreground=theme.text,
        insertbackground=theme.text,
        insertwidth=max(1, theme.px(1.3)),
        selectbackground=theme.selection,
        selectforeground=theme.selection_text,
        inactiveselectbackground=theme.hover,
        font=theme.body,
        borderwidth=0,
        highlightthickness=0,
    )


def style_canvas(widget: tk.Canvas, theme: Theme) -> None:
    """Dress a ``Canvas`` for a theme."""
    widget.configure(background=theme.background, borderwidth=0, highlightthickness=0)


def _first(wanted: Sequence[str], installed: set[str], otherwise: tkfont.Font) -> str:
    for family in wanted:
        if family in installed:
            return family
    return str(otherwise.actual("family"))
