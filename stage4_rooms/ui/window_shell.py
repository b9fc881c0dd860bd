"""The life of a window: log in, use it, log out or be logged out, log in again.

Each program says what stands in the window after the login; all else is the same for all.
"""

import signal
import tkinter as tk
from collections.abc import Callable

from stage2_protocol import Refused, Status
from stage3_auth import AuthClient, Session
from stage3_auth.ui.login_frame import LoginFrame
from stage3_auth.ui.preferences import Memory
from stage3_auth.ui.window import WindowParts, place_window

from .top_bar import TopBar
from .window_widgets import Content

# Pixels at 100 %. The least sizes are for a whole card, and for a chat that is usable.
LOGIN_SIZE, LOGIN_LEAST = (600, 780), (480, 700)
LEAST = (480, 460)
WATCH_MS = 3000  # milliseconds


# Makes the content: parent, bar, session, and what to call when the server ends the session.
Build = Callable[[tk.Misc, TopBar, Session, Callable[[str], None]], Content]


class WindowShell:
    """One Tk window with a login and what comes after it; closing it ends quietly."""

    def __init__(
        self,
        auth: AuthClient,
        parts: WindowParts,
        build: Build,
        *,
        size: tuple[int, int],
        reduced_motion: bool = False,
        memory: Memory | None = None,
    ) -> None:
        self._root = root = parts.root
        self._memory = memory  # with it the login offers other servers
        self._auth, self._parts, self._build = auth, parts, build
        self._reduced_motion = reduced_motion
        self._session: Session | None = None
        self._content: Content | None = None
        self._bar: TopBar | None = None
        self._login: LoginFrame | None = None
        self._unread = 0
        self._size = size
        root.protocol("WM_DELETE_WINDOW", self.close)
        parts.catalog.follow(root, self._write_title)
        self._show_login()

    def run(self) -> None:
        """Show the window; return when it is closed, by a person or by Ctrl-C."""
        for number in (signal.SIGINT, signal.SIGTERM):
            # Python runs the handler when Tk next calls into Python, which the bridge makes soon.
            signal.signal(number, lambda *_: self._parts.bridge.post(self.close))
        self._root.deiconify()
        self._root.mainloop()

    def show_unread(self, count: int) -> None:
        """Show in the window's title how many messages wait."""
        self._unread = count
        self._write_title()

    def offer(self, name: str, password: str, words: Callable[[], str]) -> None:
        """Fill in the login that is shown, and say why."""
        if self._login is not None:
            self._login.fill(name, password, words)

    def log_out(self) -> None:
        """End the session on the server, and go back to the login."""
        session = self._session
        if session is None:
            return
        self._session = None

        def ended(_any: object) -> None:
            self._show_login()

        # Should the server be gone or have ended the session itself: here it is over in any case.
        def log_out() -> None:
            self._parts.bridge.run(self._auth.logout, session.token, done=ended, failed=ended)

        self._end_content(log_out)

    def close(self) -> None:
        """Close the window; what was said last is still sent."""
        self._root.withdraw()
        self._end_content(self._root.destroy)

    def _show_login(self) -> None:
        self._login = LoginFrame(
            self._root,
            auth=self._auth,
            catalog=self._parts.catalog,
            look=self._parts.look,
            bridge=self._parts.bridge,
            on_login=self._logged_in,
            reduced_motion=self._reduced_motion,
            memory=self._memory,
        )
        self._login.pack(fill="both", expand=True)
        self._resize(LOGIN_SIZE, LOGIN_LEAST)

    def _show_login_again(self) -> None:
        self._show_login()
        if self._login is not None:
            self._login.say(lambda: self._parts.catalog.text("bar.ended"))

    def _logged_in(self, session: Session) -> None:
        self._session = session
        if self._login is not None:
            self._reduced_motion = self._login.animator.reduced  # the person may have switched it
            self._login.destroy()
            self._login = None
        self._bar = TopBar(
            self._root, self._parts, user_name=session.user_name, on_log_out=self.log_out
        )
        self._bar.pack(fill="x")
        self._content = self._build(self._root, self._bar, session, self._ended)
        self._content.pack(fill="both", expand=True)
        self._resize(self._size, LEAST)
        self._root.after(WATCH_MS, self._watch, session)

    def _watch(self, session: Session) -> None:
        """Ask whether the session lives: its end makes servers silent, and that is not heard."""
        if session is not self._session:
            return

        def failed(error: Exception) -> None:
            if isinstance(error, Refused) and error.status == Status.NOT_LOGGED_IN:
                if session is self._session:
                    self._ended(str(error))
            else:
                self._root.after(WATCH_MS, self._watch, session)

        self._parts.bridge.run(
            self._auth.who_am_i,
            session.token,
            done=lambda _data: self._root.after(WATCH_MS, self._watch, session),
            failed=failed,
        )

    def _ended(self, _reason: str) -> None:
        """The server has ended the session: log in again."""
        if self._session is not None:
            self._session = None
            self._end_content(self._show_login_again)

    def _end_content(self, then: Callable[[], object]) -> None:
        content, bar = self._content, self._bar
        if content is not None and not _fills_screen(self._root):
            scale = self._parts.look.theme.scale
            size = self._root.winfo_width() / scale, self._root.winfo_height() / scale
            self._size = round(size[0]), round(size[1])  # for the next login
        self._content = self._bar = None
        self.show_unread(0)
        if content is None or bar is None:
            then()
            return
        bar.destroy()

        def closed() -> None:
            content.destroy()
            then()

        content.close(closed)

    def _resize(self, size: tuple[int, int], least: tuple[int, int]) -> None:
        """Give the window a size, unless the person has made it fill the screen."""
        root, px = self._root, self._parts.look.theme.px
        root.minsize(px(least[0]), min(px(least[1]), round(root.winfo_screenheight() * 0.9)))
        if not _fills_screen(root):
            place_window(root, px(size[0]), px(size[1]))

    def _write_title(self) -> None:
        name = self._parts.catalog.text("app.name")
        self._root.title(f"({self._unread}) {name}" if self._unread else name)


def _fills_screen(root: tk.Tk) -> bool:
    """Tell whether the person has made the window as large as the screen."""
    if root.tk.call("tk", "windowingsystem") == "x11":
        return bool(root.attributes("-zoomed"))
    return bool(root.state() == "zoomed")
