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

from stage3_auth import AuthClient, Session, default_data_folder
from stage3_auth.ui.login_texts import LOGIN_TEXTS
from stage3_auth.ui.preferences import Memory
from stage3_auth.ui.window import add_window_flags, open_window, wants_less_motion
from stage4_rooms import ChatClient
from stage4_rooms.ui.chat_frame import ChatFrame
from stage4_rooms.ui.chat_texts import CHAT_TEXTS
from stage4_rooms.ui.top_bar import TopBar
from stage4_rooms.ui.window_shell import WindowShell
from stage5_files.files_window import add_download_flag
from stage5_files.ui.file_dialogs import FileDialogs, TkFileDialogs
from stage5_files.ui.files_frame import FilesFrame
from stage5_files.ui.files_texts import FILES_TEXTS

from .app_texts import APP_TEXTS
from .demo import GUEST, GUEST_PASSWORD
from .main_frame import MainFrame
from .options import DEFAULT_PORTS, SERVICES, Addresses, add_addresses

SIZE = (1080, 740)  # pixels at 100 %


class App:
    """The app of one person, from the login to the end; ``options`` are those of ``make_parser``.

    It remembers language, look and servers in the data folder. ``dialogs`` ask for files and
    folders.
    """

    def __init__(self, options: argparse.Namespace, dialogs: FileDialogs) -> None:
        self._options, self._dialogs = options, dialogs
        self._memory = Memory(options.data)
        self._started_at = first_addresses(options, self._memory)
        self._auth = AuthClient(*self._started_at.auth)
        self._parts = open_window(
            options, LOGIN_TEXTS, CHAT_TEXTS, FILES_TEXTS, APP_TEXTS, memory=self._memory
        )
        self._shell = WindowShell(
            self._auth,
            self._parts,
            self._build,
            size=SIZE,
            reduced_motion=wants_less_motion(options, self._memory),
            memory=self._memory,
        )
        if options.demo:
            words = self._parts.catalog.text
            self._shell.offer(GUEST, GUEST_PASSWORD, lambda: words("demo.welcome"))

    def run(self) -> None:
        """Show the window; return when it is closed."""
        self._shell.run()
        self._auth.close()

    def _build(
        self, master: tk.Misc, bar: TopBar, session: Session, on_ended: Callable[[str], None]
    ) -> MainFrame:
        main = MainFrame(master, self._parts, bar.middle)
        servers = self._servers()
        chat_host, chat_port = servers.chat

        def show_unread(count: int) -> None:
            main.show_unread(count)
            self._shell.show_unread(count)

        files = FilesFrame(
            main,
            self._parts,
            server=servers.files,
            session=session,
            dialogs=self._dialogs,
            data=self._options.data,
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

    def _servers(self) -> Addresses:
        """Return where the servers are; another account server may have been chosen meanwhile."""
        auth = self._auth.address
        return self._started_at if auth == self._started_at.auth else Addresses.beside(auth)


def first_addresses(options: argparse.Namespace, memory: Memory) -> Addresses:
    """Return the servers that the flags name; without any, those that were used last."""
    given = {name: getattr(options, name) for name in SERVICES if getattr(options, name)}
    if not given and memory.servers:
        return Addresses.beside(memory.servers[0])
    usual = {name: ("127.0.0.1", port) for name, port in DEFAULT_PORTS.items()}
    return Addresses(**{**usual, **given})


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of ``python -m final app``."""
    parser = argparse.ArgumentParser(prog="python -m final app")
    add_addresses(parser)
    parser.set_defaults(**dict.fromkeys(SERVICES))  # none given: the servers that were used last
    add_window_flags(parser)
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data_folder(),
        help="folder in which the app remembers language, look and servers",
    )
    parser.add_argument("--demo", action="store_true", help="fill in the login of the demo's guest")
    add_download_flag(parser)
    return parser


def main(argv: Sequence[str] | None = None, dialogs: FileDialogs | None = None) -> int:
    """Run the app; return when its window is closed. ``dialogs`` stand in for the desktop's."""
    options = make_parser().parse_args(argv)
    App(options, dialogs or TkFileDialogs()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
