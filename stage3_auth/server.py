"""The account server: registration and login.

``python -m stage3_auth.server --port 8889 --db sqlite:///chat.db --sms console``
"""

import argparse
import sys

from stage1_echo import seconds, server_parser
from stage2_protocol import serve

from .codes import CodeBook
from .database import open_database
from .flags import PORT, add_database_flag
from .schema import STEPS, migrate
from .service import AuthService
from .sms import open_provider


def make_service(options: argparse.Namespace) -> AuthService:
    """Build the service from the flags."""
    database = open_database(options.db)
    migrate(database, STEPS)
    return AuthService(
        database,
        CodeBook(options.code_ttl, limited=options.limits == "on"),
        open_provider(options.sms),
        session_ttl=options.session_ttl,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = server_parser("stage3_auth.server", AuthService.name, PORT)
    add_database_flag(parser)
    parser.add_argument("--sms", default="console", help="how codes are sent: console or file:PATH")
    parser.add_argument("--code-ttl", type=seconds, default=300.0, help="life of a code, seconds")
    parser.add_argument(
        "--session-ttl", type=seconds, default=2592000.0, help="life of a session, seconds"
    )
    return serve(parser, argv, make_service)


if __name__ == "__main__":
    sys.exit(main())
