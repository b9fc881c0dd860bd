"""The login window as a program: ``python -m stage3_auth.login_window``.

Without ``--host`` and ``--port`` it turns to the server that was used last.
"""

import argparse
import signal
import sys
import tkinter as tk
from collections.abc import Sequence
from pathlib import Path

from stage1_echo import port_number

from .auth_client import AuthClient
from .flags import PORT, default_data_folder
from .sessions import Session
from .ui.addresses import Address
from .ui.login_frame import LoginFrame
from .ui.login_parts import Tools
from .ui.login_texts import LOGIN_TEXTS
from .ui.preferences import Memory
from .ui.welcome import WelcomePanel
from .ui.window import add_window_flags, open_window, wants_less_motion
from .ui.window import give_icon as give_icon
from .ui.window import place_window as place_window

SIZE, LEAST = (600, 780), (480, 520)  # pixels at 100 %; a card that is taller is shifted


class LoginWindow:
    """The program's one window: the login frame, and after a login the session it brought."""

    def __init__(self, root: tk.Tk, tools: Tools, memory: Memory, *, reduced_motion: bool) -> None:
        self._root, self._tools, self._memory = root, tools, memory
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
            memory=self._memory,
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


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m stage3_auth.login_window``."""
    parser = argparse.ArgumentParser(prog="python -m stage3_auth.login_window")
    parser.add_argument("--host", help="address of the server; None: the one used last")
    parser.add_argument("--port", type=port_number, help=f"port of the server ({PORT})")
    add_window_flags(parser)
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data_folder(),
        help="folder in which the window remembers language, look and servers",
    )
    return parser


def first_server(options: argparse.Namespace, memory: Memory) -> Address:
    """Return the server that the flags name; without any, the one that was used last."""
    if options.host is None and options.port is None and memory.servers:
        return memory.servers[0]
    return options.host or "127.0.0.1", PORT if options.port is None else options.port


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; return when it is closed."""
    options = make_parser().parse_args(argv)
    memory = Memory(options.data)
    parts = open_window(options, LOGIN_TEXTS, memory=memory)
    root, px = parts.root, parts.look.theme.px
    auth = AuthClient(*first_server(options, memory))
    tools = Tools(auth, parts.catalog, parts.look, parts.bridge)
    LoginWindow(root, tools, memory, reduced_motion=wants_less_motion(options, memory))
    place_window(root, px(SIZE[0]), px(SIZE[1]))
    root.minsize(px(LEAST[0]), min(px(LEAST[1]), root.winfo_screenheight() * 9 // 10))
    root.deiconify()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python runs the handler when Tk next calls into Python, which the bridge makes soon.
        signal.signal(number, lambda *_: parts.bridge.post(root.destroy))
    root.mainloop()
    auth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
