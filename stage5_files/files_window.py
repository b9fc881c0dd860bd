"""The files window as a program: log in, then see, send and fetch files.

``python -m stage5_files.files_window --auth HOST:PORT --chat HOST:PORT --files HOST:PORT``

The names of the widgets, for tests: those of ``stage3_auth.login_window`` before the login; after
it those of ``files_frame`` and of the bar above it (``stage4_rooms.chat_window``).
"""

import argparse
import sys
import tkinter as tk
from collections.abc import Callable, Sequence
from pathlib import Path

from stage3_auth import AuthClient, Session, add_server_flag, default_data_folder
from stage3_auth.ui.login_texts import LOGIN_TEXTS
from stage3_auth.ui.window import WindowParts, add_window_flags, open_window, wants_less_motion
from stage4_rooms import ChatClient, Connected, Event, client_flags
from stage4_rooms.ui.chat_texts import CHAT_TEXTS
from stage4_rooms.ui.top_bar import TopBar
from stage4_rooms.ui.window_shell import WindowShell

from .flags import PORT
from .ui.file_dialogs import FileDialogs, TkFileDialogs
from .ui.files_frame import FilesFrame
from .ui.files_texts import FILES_TEXTS

SIZE = (1040, 680)  # pixels at 100 %


class FilesWithRooms(FilesFrame):
    """The files frame of a window without a chat: it asks the chat server for one's rooms."""

    def __init__(
        self,
        master: tk.Misc,
        parts: WindowParts,
        session: Session,
        options: argparse.Namespace,
        dialogs: FileDialogs,
        on_ended: Callable[[str], object],
    ) -> None:
        chat = options.chat
        super().__init__(
            master,
            parts,
            server=options.files,
            session=session,
            dialogs=dialogs,
            data=options.data,
            download_dir=options.download_dir,
            on_ended=on_ended,
        )
        self._chat = ChatClient(
            chat[0],
            chat[1],
            session.token,
            lambda event: parts.bridge.post(self._take, event),
        )
        self._chat.start()

    def close(self, then: Callable[[], object]) -> None:
        """Leave both servers."""
        self._chat.close()
        super().close(then)

    def _take(self, event: Event) -> None:
        if isinstance(event, Connected) and self.winfo_exists():
            self.show_rooms(event.rooms)


def add_download_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says where downloads go, instead of the folder chosen last."""
    parser.add_argument("--download-dir", type=Path, metavar="DIR", help=argparse.SUPPRESS)


def main(argv: Sequence[str] | None = None, dialogs: FileDialogs | None = None) -> int:
    """Open the window; return when it is closed. ``dialogs`` stands in for those of the desktop."""
    parser = client_flags("stage5_files.files_window")
    add_server_flag(parser, "--files", PORT)
    add_window_flags(parser)
    add_download_flag(parser)
    parser.add_argument(
        "--data",
        type=Path,
        default=default_data_folder(),
        help="folder in which transfers and the download folder are remembered",
    )
    options = parser.parse_args(argv)
    parts = open_window(options, LOGIN_TEXTS, CHAT_TEXTS, FILES_TEXTS)
    auth = AuthClient(*options.auth)

    def build(
        master: tk.Misc, _bar: TopBar, session: Session, on_ended: Callable[[str], None]
    ) -> FilesFrame:
        browse = dialogs or TkFileDialogs()
        return FilesWithRooms(master, parts, session, options, browse, on_ended)

    shell = WindowShell(auth, parts, build, size=SIZE, reduced_motion=wants_less_motion(options))
    shell.run()
    auth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
