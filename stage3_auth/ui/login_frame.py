"""The login window's content as one frame: a card of pages over the animated background.

Whoever embeds it passes the server's calls, texts, looks and bridge, and gets the session. The
frame may be destroyed then, and another one may take its place in the same window.
"""

import random
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import ImageTk

from ..sessions import Session
from .bindings import bind_while
from .card import BackdropCard
from .catalog import Catalog
from .drawing import mark
from .login_form import Page
from .login_pages import LoginPage, RegisterPage, ResetPage
from .login_parts import AuthCalls, Tools
from .palette import (
    Colour,
    ColourDrift,
    legible_palette,
    parse_colour,
    readable,
)
from .server_status import ServerStatus
from .theme import Look
from .tk_bridge import TkBridge
from .tooltip import Tooltip


class LoginFrame(BackdropCard):
    """Log in, register, new password. ``on_login(session)`` is called once for each login."""

    _page: Page  # the one that is shown

    def __init__(
        self,
        master: tk.Misc,
        *,
        auth: AuthCalls,
        catalog: Catalog,
        look: Look,
        bridge: TkBridge,
        on_login: Callable[[Session], object],
        reduced_motion: bool = False,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(
            master, look, name="login_frame", reduced_motion=reduced_motion, chance=chance
        )
        self._tools = Tools(auth, catalog, look, bridge)
        self._catalog = catalog
        self._drifts: list[ColourDrift] = []
        self._build_header()
        self._build_tabs()
        self._build_pages(on_login)
        self._build_footer()
        bind_while(self, self.winfo_toplevel(), "<Escape>", lambda _event: self._escape())
        self._drift_colours()
        self.show("login")

    def say(self, words: Callable[[], str]) -> None:
        """Show ``words()`` on the login page: why one has to log in again, say."""
        self._login.message.say(words, "Error.TLabel")

    def fill(self, name: str, password: str, words: Callable[[], str]) -> None:
        """Fill in the login page and show ``words()`` there: Return is all it takes."""
        self.show("login")
        self._login.fill(name, password)
        self._login.message.say(words, "Success.TLabel")
        self._login.button.focus_set()

    def show(self, name: str) -> None:
        """Turn to the page ``login``, ``register`` or ``reset``."""
        self._page.cancel()
        self._page = self._pages[name]
        for page in self._pages.values():
            page.grid_remove()
        self._page.grid()
        for tab, button in self._tabs.items():
            button.state(["selected" if tab == name else "!selected"])
        self._set_tab_row(name)
        self.update_idletasks()  # lay out at once: what is not mapped cannot take the focus
        self._page.focus_first()

    # --- building ------------------------------------------------------------------------------

    def _build_header(self) -> None:
        px = self._look.theme.px
        header = ttk.Frame(self.card)
        header.grid(row=0, column=0, sticky="ew", pady=(0, px(16)))
        header.columnconfigure(1, weight=1)
        self._mark = ImageTk.PhotoImage(mark(px(46)), master=self)
        ttk.Label(header, image=self._mark).grid(row=0, column=0, rowspan=2, padx=(0, px(12)))
        # A plain label: its colour changes with each frame, which costs a ttk label a new style.
        self._title = tk.Label(header, borderwidth=0, padx=0, pady=0, anchor="w", name="title")
        self._catalog.label(self._title, "app.name")
        self._title.grid(row=0, column=1, sticky="sw")
        tagline = ttk.Label(header, style="Muted.TLabel")
        self._catalog.label(tagline, "app.tagline")
        tagline.grid(row=1, column=1, sticky="nw")
        self._look.changed.connect(self._dress, owner=self)
        self._dress()

    def _build_footer(self) -> None:
        """Put the server's state to the left, and language, theme and motion to the right."""
        look, text = self._look, self._catalog.text
        bar = ttk.Frame(self.card)
        bar.grid(row=3, column=0, sticky="ew", pady=(look.theme.px(10), 0))
        bar.columnconfigure(0, weight=1)
        ServerStatus(bar, self._tools).grid(row=0, column=0, sticky="w")
        language = ttk.Button(bar, style="Ghost.TButton", name="language", cursor="hand2")
        language.configure(command=self._switch_language)
        self._catalog.label(language, "app.language")
        theme = ttk.Button(bar, style="Icon.TButton", name="theme", cursor="hand2")
        theme.configure(command=look.toggle)
        motion = ttk.Button(bar, style="Icon.TButton", name="motion", cursor="hand2")

        def draw() -> None:
            icon, now = look.skin.icon, look.theme
            theme.configure(image=icon("sun" if now.mode == "dark" else "moon", now))
            motion.configure(image=icon("play" if self.animator.reduced else "pause", now))

        def switch_motion() -> None:
            self.animator.reduced = not self.animator.reduced
            draw()

        def motion_text() -> str:
            return text(f"app.motion.{'start' if self.animator.reduced else 'stop'}.tip")

        motion.configure(command=switch_motion)
        look.changed.connect(draw, owner=bar)
        draw()
        Tooltip(language, look, lambda: text("app.language.tip"))
        Tooltip(theme, look, lambda: text("app.theme.tip"))
        Tooltip(motion, look, motion_text)
        for column, button in enumerate((language, theme, motion), start=1):
            button.grid(row=0, column=column)

    def _build_tabs(self) -> None:
        px = self._look.theme.px
        self._tab_row = ttk.Frame(self.card, style="Segments.TFrame", padding=px(3))
        self._tab_row.grid(row=1, column=0, sticky="ew", pady=(0, px(14)))
        self._tabs: dict[str, ttk.Button] = {}
        for column, name in enumerate(("login", "register")):
            button = self._page_button(self._tab_row, name, "Segment.TButton")
            button.grid(row=0, column=column, sticky="ew")
            self._tab_row.columnconfigure(column, weight=1, uniform="tab")
            self._tabs[name] = button
        self._reset_row = ttk.Frame(self.card)
        self._reset_row.columnconfigure(0, weight=1)
        title = ttk.Label(self._reset_row, style="Subtitle.TLabel")
        self._catalog.label(title, "page.reset.title")
        title.grid(row=0, column=0, sticky="w")
        back = self._page_button(self._reset_row, "login", "Link.TButton", name="back")
        self._catalog.label(back, "page.back")
        back.grid(row=0, column=1, sticky="e")
        self._reset_row.grid(row=1, column=0, sticky="ew", pady=(0, px(16)))

    def _page_button(
        self, master: tk.Misc, page: str, style: str, name: str | None = None
    ) -> ttk.Button:
        button = ttk.Button(
            master,
            name=name or f"page_{page}",
            style=style,
            cursor="hand2",
            command=lambda: self.show(page),
        )
        self._catalog.label(button, f"page.{page}")
        return button

    def _build_pages(self, on_login: Callable[[Session], object]) -> None:
        tools = self._tools
        self._login = LoginPage(self.card, tools, on_login)
        self._page = self._login
        self._pages: dict[str, Page] = {
            "login": self._login,
            "register": RegisterPage(self.card, tools, self.fill),
            "reset": ResetPage(self.card, tools, self.fill),
        }
        forgotten = self._page_button(self._login, "reset", "Link.TButton")
        self._login.user_pwd.put_above(forgotten)
        for page in self._pages.values():
            page.grid(row=2, column=0, sticky="ew")

    def _drift_colours(self) -> None:
        """Let the title and the buttons wander through the palette, always readable."""
        self._drift(self._title, lambda colour: self._title.configure(foreground=colour.hex))
        for page in self._pages.values():
            self._drift(page.button, page.button.paint)
            if isinstance(page, RegisterPage | ResetPage):
                self._drift(page.send_button, page.send_button.paint)

    def _drift(self, widget: tk.Widget, paint: Callable[[Colour], object]) -> None:
        drift = ColourDrift(legible_palette(self.palette, self._ground), self.chance)
        self._drifts.append(drift)

        def paint_at(now: float) -> None:
            if widget.winfo_ismapped():  # not those of the other pages
                # Two readable colours may meet in one that is not quite.
                paint(readable(drift.at(now), self._ground))

        self.animator.add(paint_at)
        widget.bind("<Map>", lambda _event: self.animator.repaint(), add=True)

    @property
    def _ground(self) -> Colour:
        return parse_colour(self._look.theme.background)

    # --- what happens --------------------------------------------------------------------------

    def _escape(self) -> None:
        if self._page.busy:
            self._page.cancel()
            self._page.focus_first()
        elif self._page is not self._login:
            self.show("login")

    def _switch_language(self) -> None:
        language = "en" if self._catalog.language == "zh" else "zh"
        self._look.use_language(language)
        self._catalog.use(language)

    def _set_tab_row(self, page: str) -> None:
        shown, hidden = self._tab_row, self._reset_row
        if page == "reset":
            shown, hidden = hidden, shown
        hidden.grid_remove()
        shown.grid()

    def _dress(self) -> None:
        theme = self._look.theme
        self._title.configure(background=theme.background, font=theme.title)
        legible = legible_palette(self.palette, self._ground)
        for drift in self._drifts:
            drift.palette = legible
