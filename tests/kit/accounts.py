"""Users for suites: registered over the wire with the codes of ``--sms file:PATH``, then logged in.

Every user has a name and a phone of their own, so that tests can share servers and databases.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .databases import Database, Databases
from .deadlines import eventually
from .programs import Server
from .wire import WireClient

LOGIN, SEND_CODE, REGISTER, LOGOUT, WHOAMI, CHANGE_PASSWORD, RESET_PASSWORD = range(7)
PASSWORD = "abc123"

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_names = itertools.count(1)
_phones = itertools.count(1)


def new_name(stem: str = "ann") -> str:
    """Return a name that no other test has: ``stem`` (3 characters at most) and a number."""
    number, text = next(_names), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return stem + text


def new_phone() -> str:
    """Return a phone number that no other test has."""
    return f"139{next(_phones):08}"


@dataclass(frozen=True)
class User:
    """A registered user; ``token`` is the one of the login that returned this user."""

    name: str
    password: str
    phone: str
    uid: int
    token: str = ""


class Sms:
    """The file to which the account server appends the codes it sends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.flags = ("--sms", f"file:{path}")

    def sent(self) -> list[dict[str, Any]]:
        """Return all that was sent so far: phone, code, purpose."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]

    def to(self, phone: str, purpose: str = "register") -> list[str]:
        """Return the codes sent to a phone for a purpose, the newest last."""
        found = (s for s in self.sent() if (s["phone"], s["purpose"]) == (phone, purpose))
        return [s["code"] for s in found]


@dataclass
class Accounts:
    """An account server under test with its database and its codes."""

    server: Server
    database: Database
    sms: Sms

    def code(self, client: WireClient, phone: str, purpose: str = "register") -> str:
        """Have a code sent; return it."""
        before = len(self.sms.to(phone, purpose))
        client.request(SEND_CODE, {"phone": phone, "purpose": purpose})
        codes = eventually(
            lambda: self.sms.to(phone, purpose)[before:], why=f"a code for {phone} in the SMS file"
        )
        return codes[-1]

    def register(
        self, client: WireClient, name: str = "", password: str = PASSWORD, **more: Any
    ) -> User:
        """Register a new user."""
        name, phone = name or new_name(), new_phone()
        args = {"user_name": name, "user_pwd": password, "phone": phone, **more}
        code = self.code(client, phone)
        reply = client.request(REGISTER, {**args, "code": code}, data={"uid": int})
        return User(name, password, phone, reply["data"]["uid"])

    def login(self, client: WireClient, user: User) -> User:
        """Log a user in; return the user with the token of the new session."""
        args = {"user_name": user.name, "user_pwd": user.password}
        reply = client.request(LOGIN, args, data={"uid": user.uid, "token": str})
        return replace(user, token=reply["data"]["token"])

    def new_user(self, client: WireClient, name: str = "") -> User:
        """Register a new user and log in."""
        return self.login(client, self.register(client, name))


class KeptDatabases:
    """One database of each kind, with its file of codes, that the tests of a run share."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self._databases = databases
        self._folder = folder
        self._kept: dict[tuple[str, str], tuple[Database, Sms]] = {}

    def get(
        self, what: str, kind: str, make: Callable[[Database], None] | None = None
    ) -> tuple[Database, Sms]:
        """Return the database of this kind that is kept as ``what``; ``make`` fills a new one."""
        key = (what, kind)
        if key not in self._kept:
            database = self._databases.new(kind)
            if make is not None:
                make(database)
            path = self._folder / f"{len(self._kept)}-{kind}-codes.jsonl"
            self._kept[key] = database, Sms(path)
        return self._kept[key]
