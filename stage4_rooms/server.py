"""The chat server: rooms, messages, presence.

``python -m stage4_rooms.server --port 8890 --db sqlite:///chat.db``
"""

import argparse
import sys

from stage1_echo import server_parser
from stage2_protocol import serve
from stage3_auth import add_database_flag, migrate, open_database

from .flags import PORT
from .schema import STEPS
from .service import ChatService


def make_service(options: argparse.Namespace) -> ChatService:
    """Build the service from the flags."""
    database = open_database(options.db)
    migrate(database, STEPS)
    return ChatService(database, limited=options.limits == "on")


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = server_parser("stage4_rooms.server", ChatService.name, PORT)
    add_database_flag(parser)
    return serve(parser, argv, make_service)


if __name__ == "__main__":
    sys.exit(main())
