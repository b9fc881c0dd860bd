"""The app: one window that logs in, chats and moves files.

``python -m final app --auth HOST:PORT --chat HOST:PORT --files HOST:PORT``

The names of the widgets, for tests: those of ``stage3_auth.login_window`` before the login; after
it ``tab_chat`` and ``tab_files``, those of ``stage4_rooms.chat_window`` on the one page and those
of ``stage5_files.files_window`` on the other.
"""

import argparse
import sys
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from stage3_auth import AuthClient, Session
from stage3_auth.login_texts import LOGIN_TEXTS
from stage3_auth.window import add_window_flags, open_window, wants_less_motion
from stage4_rooms import ChatClient
from stage4_rooms.chat_frame import ChatFrame
from stage4_rooms.chat_texts import CHAT_TEXTS
from stage4_rooms.top_bar import TopBar
from stage4_rooms.window_shell import WindowShell

from .app_texts import APP_TEXTS
from .main_frame import MainFrame
from .options import add_addresses, default_data_folder
from .preferences import Preferences, load_preferences, save_preferences

SIZE = (1080, 740)  # pixels at 100 %


class App:
    """The app of one person, from the login to the end; ``options`` are those of ``make_parser``.

    It remembers language and look in the data folder.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._auth = AuthClient(*options.auth)
        self._parts = open_window(options, LOGIN_TEXTS, CHAT_TEXTS, APP_TEXTS)
        self._shell = WindowShell(
            self._auth,
            self._parts,
            self._build,
            size=SIZE,
            reduced_motion=wants_less_motion(options),
        )

    def run(self) -> None:
        """Show the window; return when it is closed."""
        self._shell.run()
        self._auth.close()
        chosen = Preferences(self._parts.catalog.language, self._parts.look.theme.mode)
        save_preferences(self._options.data, chosen)

    def _build(
        self, master: tk.Misc, bar: TopBar, session: Session, on_ended: Callable[[str], None]
    ) -> MainFrame:
        main = MainFrame(master, self._parts, bar.middle)
        host, port = self._options.chat

        def show_unread(count: int) -> None:
            main.show_unread(count)
            self._shell.show_unread(count)

        chat = ChatFrame(
            main,
            self._parts,
            open_chat=lambda on_event: ChatClient(host, port, session.token, on_event),
            user_name=session.user_name,
            on_ended=on_ended,
            on_unread=show_unread,
        )
        main.add("chat", chat)
        return main


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m final app``."""
    parser = argparse.ArgumentParser(prog="python -m final app")
    add_addresses(parser)
    add_window_flags(parser)
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data_folder(),
        help="folder in which the app remembers language and look",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the app; return when its window is closed."""
    options = make_parser().parse_args(argv)
    remembered = load_preferences(options.data)
    options.lang = options.lang or remembered.lang
    options.theme = options.theme or remembered.theme
    App(options).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
