"""The login window as a program: ``python -m stage3_auth.login_window``."""

import argparse
import sys
import tkinter as tk
from collections.abc import Sequence

from PIL import ImageTk

from stage1_echo import client_parser

from .auth_client import AuthClient
from .catalog import LANGUAGES, Catalog
from .desktop import enable_sharp_pixels, prefers_reduced_motion
from .drawing import mark
from .flags import PORT
from .login_frame import LoginFrame
from .login_parts import Tools
from .login_texts import LOGIN_TEXTS
from .sessions import Session
from .theme import Look
from .tk_bridge import TkBridge
from .welcome import WelcomePanel

WIDTH, HEIGHT = 600, 780  # at 100 %


class LoginWindow:
    """The program's one window: the login frame, and after a login the session it brought."""

    def __init__(self, root: tk.Tk, tools: Tools, *, reduced_motion: bool) -> None:
        self._root, self._tools = root, tools
        self._reduced_motion = reduced_motion
        tools.catalog.follow(root, lambda: root.title(tools.catalog.text("app.name")))
        give_icon(root)
        self._show_login()

    def _show_login(self) -> None:
        tools = self._tools
        self._frame = LoginFrame(
            self._root,
            auth=tools.auth,
            catalog=tools.catalog,
            look=tools.look,
            bridge=tools.bridge,
            on_login=self._logged_in,
            reduced_motion=self._reduced_motion,
        )
        self._frame.pack(fill="both", expand=True)

    def _logged_in(self, session: Session) -> None:
        self._reduced_motion = self._frame.animator.reduced  # the person may have switched it
        self._frame.destroy()
        self._panel = WelcomePanel(
            self._root,
            self._tools,
            session,
            self._logged_out,
            reduced_motion=self._reduced_motion,
        )
        self._panel.pack(fill="both", expand=True)

    def _logged_out(self) -> None:
        self._panel.destroy()
        self._show_login()


def give_icon(root: tk.Tk) -> None:
    """Give the window the program's mark, in the sizes that desktops ask for."""
    icons = [ImageTk.PhotoImage(mark(size), master=root) for size in (256, 64, 48, 32, 16)]
    root.iconphoto(True, *icons)  # type: ignore[arg-type]  # Pillow's are photo images to Tk
    root._course_icons = icons  # type: ignore[attr-defined]  # Tk does not keep them alive


def place_window(root: tk.Tk, width: int, height: int) -> None:
    """Give the window a size, in the middle of the screen and never larger than it."""
    screen = root.winfo_screenwidth(), root.winfo_screenheight()
    width, height = min(width, screen[0]), min(height, round(screen[1] * 0.92))
    x, y = (screen[0] - width) // 2, max(0, (screen[1] - height) // 2 - round(screen[1] * 0.02))
    root.geometry(f"{width}x{height}+{x}+{y}")
    root.minsize(round(width * 0.78), round(height * 0.92))  # the tallest card still fits


def window_parser(program: str, port: int) -> argparse.ArgumentParser:
    """Return a parser with the flags that every window shares."""
    parser = client_parser(program, port)
    parser.add_argument("--lang", choices=sorted(LANGUAGES), help="None: as the desktop")
    parser.add_argument("--theme", choices=["light", "dark"], help="None: as the desktop")
    parser.add_argument("--scale", type=float, help="1.0 to 2.0; None: as the screen")
    parser.add_argument(
        "--reduced-motion",
        action="store_true",
        help="let nothing move (also if the desktop says so)",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; return when it is closed."""
    options = window_parser("stage3_auth.login_window", PORT).parse_args(argv)
    enable_sharp_pixels()
    root = tk.Tk(className="EchoToChat")
    root.withdraw()
    catalog = Catalog(options.lang).extend(LOGIN_TEXTS)
    look = Look(root, options.theme, options.scale, catalog.language)
    auth = AuthClient(options.host, options.port)
    reduced = options.reduced_motion or prefers_reduced_motion()
    LoginWindow(root, Tools(auth, catalog, look, TkBridge(root)), reduced_motion=reduced)
    place_window(root, look.theme.px(WIDTH), look.theme.px(HEIGHT))
    root.deiconify()
    root.mainloop()
    auth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
