"""The chat window as a program: log in, then chat.

``python -m stage4_rooms.chat_window --auth 127.0.0.1:8889 --chat 127.0.0.1:8890``

The names of the widgets, for tests: those of ``stage3_auth.login_window`` before the login; after
it those of ``chat_frame`` and of the bar above it: ``me``, ``language``, ``theme``,
``log_out``.
"""

import sys
import tkinter as tk
from collections.abc import Callable, Sequence

from stage3_auth import AuthClient, Session
from stage3_auth.ui.login_texts import LOGIN_TEXTS
from stage3_auth.ui.window import add_window_flags, open_window, wants_less_motion

from .chat_client import ChatClient
from .flags import client_flags
from .ui.chat_frame import ChatFrame
from .ui.chat_texts import CHAT_TEXTS
from .ui.top_bar import TopBar
from .ui.window_shell import WindowShell

SIZE = (1040, 720)  # pixels at 100 %


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; return when it is closed."""
    parser = client_flags("stage4_rooms.chat_window")
    add_window_flags(parser)
    options = parser.parse_args(argv)
    parts = open_window(options, LOGIN_TEXTS, CHAT_TEXTS)
    auth = AuthClient(*options.auth)
    host, port = options.chat

    def build(
        master: tk.Misc, _bar: TopBar, session: Session, on_ended: Callable[[str], None]
    ) -> ChatFrame:
        return ChatFrame(
            master,
            parts,
            open_chat=lambda on_event: ChatClient(host, port, session.token, on_event),
            user_name=session.user_name,
            on_ended=on_ended,
            on_unread=shell.show_unread,
        )

    shell = WindowShell(auth, parts, build, size=SIZE, reduced_motion=wants_less_motion(options))
    shell.run()
    auth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
