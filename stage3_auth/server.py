"""The account server: registration and login.

``python -m stage3_auth.server --port 8889 --db sqlite:///chat.db --sms console``
"""

import argparse
import sys

from stage1_echo import seconds, server_parser
from stage2_protocol import serve

from .code_store import CodeStore, key_from_environment
from .database import open_database
from .flags import PORT, add_database_flag
from .login_guard import LoginGuard
from .schema import STEPS, migrate
from .service import AuthService
from .sms import open_provider


def make_service(options: argparse.Namespace) -> AuthService:
    """Build the service from the flags."""
    database = open_database(options.db)
    migrate(database, STEPS)
    limited = options.limits == "on"
    codes = CodeStore(database, key_from_environment(), options.code_ttl, limited=limited)
    return AuthService(
        database,
        codes,
        open_provider(options.sms),
        LoginGuard(limited=limited),
        session_ttl=options.session_ttl,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    parser = server_parser("stage3_auth.server", AuthService.name, PORT)
    add_database_flag(parser)
    parser.add_argument(
        "--sms",
        default="console",
        help="how codes are sent: console, file:PATH, or netease (NETEASE_APP_KEY, "
        "NETEASE_APP_SECRET and NETEASE_TEMPLATE in the environment)",
    )
    parser.add_argument("--code-ttl", type=seconds, default=300.0, help="life of a code, seconds")
    parser.add_argument(
        "--session-ttl", type=seconds, default=2592000.0, help="life of a session, seconds"
    )
    return serve(parser, argv, make_service)


if __name__ == "__main__":
    sys.exit(main())
