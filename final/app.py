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
from stage3_auth.ui.login_texts import LOGIN_TEXTS
from stage3_auth.ui.window import add_window_flags, open_window, wants_less_motion
from stage4_rooms import ChatClient
from stage4_rooms.ui.chat_frame import ChatFrame
from stage4_rooms.ui.chat_texts import CHAT_TEXTS
from stage4_rooms.ui.top_bar import TopBar
from stage4_rooms.ui.window_shell import WindowShell
from stage5_files import FileClient
from stage5_files.files_window import add_download_flag
from stage5_files.ui.file_dialogs import FileDialogs, TkFileDialogs
from stage5_files.ui.files_frame import FilesFrame
from stage5_files.ui.files_texts import FILES_TEXTS

from .app_texts import APP_TEXTS
from .demo import GUEST, GUEST_PASSWORD
from .main_frame import MainFrame
from .options import add_addresses, default_data_folder
from .preferences import Preferences, load_preferences, save_preferences

SIZE = (1080, 740)  # pixels at 100 %


class App:
    """The app of one person, from the login to the end; ``options`` are those of ``make_parser``.

    It remembers language and look in the data folder. ``dialogs`` ask for files and folders.
    """

    def __init__(self, options: argparse.Namespace, dialogs: FileDialogs) -> None:
        self._options, self._dialogs = options, dialogs
        self._auth = AuthClient(*options.auth)
        self._parts = open_window(options, LOGIN_TEXTS, CHAT_TEXTS, FILES_TEXTS, APP_TEXTS)
        self._shell = WindowShell(
            self._auth,
            self._parts,
            self._build,
            size=SIZE,
            reduced_motion=wants_less_motion(options),
        )
        if options.demo:
            words = self._parts.catalog.text
            self._shell.offer(GUEST, GUEST_PASSWORD, lambda: words("demo.welcome"))

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
        chat_host, chat_port = self._options.chat
        files_host, files_port = self._options.files

        def show_unread(count: int) -> None:
            main.show_unread(count)
            self._shell.show_unread(count)

        files = FilesFrame(
            main,
            self._parts,
            client=FileClient(files_host, files_port, session.token),
            user_name=session.user_name,
            dialogs=self._dialogs,
            download_dir=self._options.download_dir,
            on_ended=on_ended,
        )
        chat = ChatFrame(
            main,
            self._parts,
            open_chat=lambda on_event: ChatClient(chat_host, chat_port, session.token, on_event),
            user_name=session.user_name,
            on_ended=on_ended,
            on_unread=show_unread,
            on_rooms=files.show_rooms,
        )
        main.add("chat", chat)
        main.add("files", files)
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
    parser.add_argument("--demo", action="store_true", help="fill in the login of the demo's guest")
    add_download_flag(parser)
    return parser


def main(argv: Sequence[str] | None = None, dialogs: FileDialogs | None = None) -> int:
    """Run the app; return when its window is closed. ``dialogs`` stand in for the desktop's."""
    options = make_parser().parse_args(argv)
    remembered = load_preferences(options.data)
    options.lang = options.lang or remembered.lang
    options.theme = options.theme or remembered.theme
    App(options, dialogs or TkFileDialogs()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
