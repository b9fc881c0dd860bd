"""The login window as a program: ``python -m stage3_auth.login_window``."""

import sys
import tkinter as tk
from collections.abc import Sequence

from stage1_echo import client_parser

from .auth_client import AuthClient
from .flags import PORT
from .sessions import Session
from .ui.login_frame import LoginFrame
from .ui.login_parts import Tools
from .ui.login_texts import LOGIN_TEXTS
from .ui.welcome import WelcomePanel
from .ui.window import add_window_flags, open_window, wants_less_motion
from .ui.window import give_icon as give_icon
from .ui.window import place_window as place_window

SIZE, LEAST = (600, 780), (480, 700)  # pixels at 100 %


class LoginWindow:
    """The program's one window: the login frame, and after a login the session it brought."""

    def __init__(self, root: tk.Tk, tools: Tools, *, reduced_motion: bool) -> None:
        self._root, self._tools = root, tools
        self._reduced_motion = reduced_motion
        tools.catalog.follow(root, lambda: root.title(tools.catalog.text("app.name")))
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


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; return when it is closed."""
    parser = client_parser("stage3_auth.login_window", PORT)
    add_window_flags(parser)
    options = parser.parse_args(argv)
    parts = open_window(options, LOGIN_TEXTS)
    root, px = parts.root, parts.look.theme.px
    auth = AuthClient(options.host, options.port)
    tools = Tools(auth, parts.catalog, parts.look, parts.bridge)
    LoginWindow(root, tools, reduced_motion=wants_less_motion(options))
    place_window(root, px(SIZE[0]), px(SIZE[1]))
    root.minsize(px(LEAST[0]), min(px(LEAST[1]), root.winfo_screenheight() * 9 // 10))
    root.deiconify()
    root.mainloop()
    auth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
