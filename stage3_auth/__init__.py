"""Stage 3, accounts: validation, codes, md5, sessions, two databases, the auth server and login.

What windows share (theme, texts, the Tk bridge) is imported from its modules, so that a server
needs no tkinter.
"""

from .account_commands import AccountCommands
from .accounts import Account, AccountStore, add_user
from .auth_client import AuthClient
from .database import Database, Duplicate, Row, Transaction, open_database, retried
from .dialects import MYSQL, SQLITE, Dialect
from .errors import AuthError, StorageUnavailable
from .flags import PORT as AUTH_PORT
from .flags import add_database_flag, add_server_flag, default_data_folder, host_and_port
from .names import has_invisible, has_space, name_key, shown_name
from .passwords import is_password, md5_of
from .schema import STEPS, Step, columns, index, migrate, tables
from .sessions import Session, SessionChecker, SessionStore, not_logged_in
from .sms import SMS_MARK
from .validation import (
    REASONS,
    check_code,
    check_email,
    check_name,
    check_password,
    check_phone,
)

__all__ = [
    "AUTH_PORT",
    "MYSQL",
    "REASONS",
    "SMS_MARK",
    "SQLITE",
    "STEPS",
    "Account",
    "AccountCommands",
    "AccountStore",
    "AuthClient",
    "AuthError",
    "Database",
    "Dialect",
    "Duplicate",
    "Row",
    "Session",
    "SessionChecker",
    "SessionStore",
    "Step",
    "StorageUnavailable",
    "Transaction",
    "add_database_flag",
    "add_server_flag",
    "add_user",
    "check_code",
    "check_email",
    "check_name",
    "check_password",
    "check_phone",
    "columns",
    "default_data_folder",
    "has_invisible",
    "has_space",
    "host_and_port",
    "index",
    "is_password",
    "md5_of",
    "migrate",
    "name_key",
    "not_logged_in",
    "open_database",
    "retried",
    "shown_name",
    "tables",
]
