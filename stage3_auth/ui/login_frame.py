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
from .login_footer import LoginFooter
from .login_form import Page
from .login_pages import LoginPage, RegisterPage, ResetPage
from .login_parts import AuthCalls, Tools
from .preferences import Memory
from .server_page import ServerPage
from .theme import Look
from .tk_bridge import TkBridge


class LoginFrame(BackdropCard):
    """Log in, register, new password. ``on_login(session)`` is called once for each login.

    With a ``memory`` one may also turn ``auth`` to another server, and what was chosen is kept.
    """

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
        memory: Memory | None = None,
        chance: random.Random | None = None,
    ) -> None:
        super().__init__(
            master, look, name="login_frame", reduced_motion=reduced_motion, chance=chance
        )
        self._tools = Tools(auth, catalog, look, bridge)
        self._catalog, self._memory, self._on_login = catalog, memory, on_login
        self._build_header()
        self._build_tabs()
        self._build_pages()
        self._footer = LoginFooter(
            self.card,
            self._tools,
            self.animator,
            memory=memory,
            on_choose=lambda: self.show("server"),
        )
        self._footer.grid(row=3, column=0, sticky="ew", pady=(look.theme.px(8), 0))
        bind_while(self, self.winfo_toplevel(), "<Escape>", lambda _event: self._escape())
        self._drift_colours()
        self.show("login")

    def say(self, words: Callable[[], str]) -> None:
        """Show ``words()`` on the login page: why one has to log in again, say."""
        self._login.message.say("error", words)

    def fill(self, name: str, password: str, words: Callable[[], str]) -> None:
        """Fill in the login page and show ``words()`` there: Return is all it takes."""
        self.show("login")
        self._login.fill(name, password)
        self._login.message.say("success", words)
        self._login.button.focus_set()

    def show(self, name: str) -> None:
        """Turn to the page ``login``, ``register`` or ``reset``; ``server`` with a memory."""
        self._page.cancel()
        self._page = self._pages[name]
        for page in self._pages.values():
            page.grid_remove()
        self._page.grid()
        for tab, button in self._tabs.items():
            button.state(["selected" if tab == name else "!selected"])
        self._set_tab_row(name)
        self.update_idletasks()  # lay out at once: what is not mapped cannot take the focus
        self.show_top()
        self._page.focus_first()

    # --- building ------------------------------------------------------------------------------

    def _build_header(self) -> None:
        px = self._look.theme.px
        header = ttk.Frame(self.card)
        header.grid(row=0, column=0, sticky="ew", pady=(0, px(13)))
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

    def _build_tabs(self) -> None:
        px = self._look.theme.px
        self._tab_row = ttk.Frame(self.card, style="Segments.TFrame", padding=px(3))
        self._tab_row.grid(row=1, column=0, sticky="ew", pady=(0, px(12)))
        self._tabs: dict[str, ttk.Button] = {}
        for column, name in enumerate(("login", "register")):
            button = self._page_button(self._tab_row, name, "Segment.TButton")
            button.grid(row=0, column=column, sticky="ew")
            self._tab_row.columnconfigure(column, weight=1, uniform="tab")
            self._tabs[name] = button
        self._title_rows = {name: self._build_title(name) for name in ("reset", "server")}

    def _build_title(self, page: str) -> ttk.Frame:
        """Build what stands in the place of the tabs on a page that has none."""
        row = ttk.Frame(self.card)
        row.columnconfigure(0, weight=1)
        title = ttk.Label(row, style="Subtitle.TLabel")
        self._catalog.label(title, f"page.{page}.title")
        title.grid(row=0, column=0, sticky="w")
        back = self._page_button(row, "login", "Link.TButton", name=f"{page}_back")
        self._catalog.label(back, "page.back")
        back.grid(row=0, column=1, sticky="e")
        row.grid(row=1, column=0, sticky="ew", pady=(0, self._look.theme.px(12)))
        return row

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

    def _build_pages(self) -> None:
        tools = self._tools
        self._login = LoginPage(self.card, tools, self._logged_in)
        self._page = self._login
        self._pages: dict[str, Page] = {
            "login": self._login,
            "register": RegisterPage(self.card, tools, self.fill),
            "reset": ResetPage(self.card, tools, self.fill),
        }
        if self._memory is not None:
            server = ServerPage(self.card, tools, self._memory, self._server_chosen)
            self._pages["server"] = server
        forgotten = self._page_button(self._login, "reset", "Link.TButton")
        self._login.user_pwd.put_above(forgotten)
        for page in self._pages.values():
            page.grid(row=2, column=0, sticky="ew")

    def _drift_colours(self) -> None:
        """Let the title and the buttons wander through the palette, always readable."""
        self.drift(self._title, lambda colour: self._title.configure(foreground=colour.hex))
        for page in self._pages.values():
            self.drift(page.button, page.button.paint)
            if isinstance(page, RegisterPage | ResetPage):
                self.drift(page.send_button, page.send_button.paint)

    # --- what happens --------------------------------------------------------------------------

    def _escape(self) -> None:
        if self._page.busy:
            self._page.cancel()
            self._page.focus_first()
        elif self._page is not self._login:
            self.show("login")

    def _logged_in(self, session: Session) -> None:
        if self._memory is not None:
            self._memory.used(self._tools.auth.address)
        self._on_login(session)

    def _server_chosen(self) -> None:
        self._footer.status.ask()
        address = self._tools.address
        self.show("login")
        self._login.message.say(
            "success", lambda: self._catalog.text("server.done", address=address)
        )

    def _set_tab_row(self, page: str) -> None:
        shown = self._title_rows.get(page, self._tab_row)
        for row in (self._tab_row, *self._title_rows.values()):
            row.grid_remove()
        shown.grid()

    def _dress(self) -> None:
        theme = self._look.theme
        self._title.configure(background=theme.background, font=theme.title)
