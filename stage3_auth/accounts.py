"""Accounts in the database: who there is, what their password is, who is who."""

from dataclasses import dataclass

from .database import Database, Duplicate, Transaction, retried
from .errors import NameTaken, PhoneTaken
from .names import name_key, shown_name
from .schema import name_claim, phone_claim
from .sessions import token_hash

_COLUMNS = "uid1, username, password, phone, email"


@dataclass(frozen=True)
class Account:
    """One row of the user table; ``password_md5`` is 32 hex characters."""

    uid: int
    user_name: str
    password_md5: str
    phone: str
    email: str | None


class AccountStore:
    """Reads and writes accounts; every method is one transaction (StorageUnavailable).

    What is done together with a code is a function below, for the code's transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_phone_taken(self, phone: str) -> bool:
        """Tell whether a user has this phone number."""
        return any(account.phone == phone for account in self._find("phone = ?", phone))

    def find_by_name(self, name: str) -> Account | None:
        """Find a user by name: the exact one first, then the only one with the same key."""
        return _named(self._find(_BY_NAME, *_name_values(name)), name)

    def find_by_login(self, text: str) -> Account | None:
        """Find a user by what was typed at login: a name or a phone number.

        It is one query whatever was typed: its time must not tell which names there are. A phone
        that stands twice (in an old database) finds nobody.
        """
        # BEGIN SOLUTION 3.6
        found = self._find(f"{_BY_NAME} OR phone = ?", *_name_values(text), text)
        with_phone = [account for account in found if account.phone == text]
        return _named(found, text) or _only(with_phone)
        # END SOLUTION

    def find_by_uid(self, uid: int) -> Account | None:
        """Find a user by number."""
        return _only(self._find("uid1 = ?", uid))

    @retried
    def set_password(self, uid: int, password_md5: str, kept_token: str) -> None:
        """Replace a user's password and end their other sessions, in one step."""
        with self._database.writing() as transaction:
            replace_password(transaction, uid, password_md5, kept_token)

    def _find(self, condition: str, *values: str | int | bytes) -> list[Account]:
        with self._database.reading() as transaction:
            return _users(transaction, condition, *values)


def add_user(
    transaction: Transaction, name: str, password_md5: str, phone: str, email: str | None
) -> int:
    """Add a user and return the uid; raises NameTaken or PhoneTaken.

    Of many that race for one name exactly one wins: the claim is a primary key.
    """
    # BEGIN SOLUTION 3.4
    shown, key = shown_name(name), name_key(name)
    uid = _insert_user(transaction, (shown, password_md5, phone, email), key)
    _claim(transaction, name_claim(key), uid, NameTaken(f"the name {shown} is taken"))
    _claim(transaction, phone_claim(phone), uid, PhoneTaken("this phone is registered"))
    # The model's own program, on the same tables, claims nothing.
    if len(_users(transaction, "phone = ?", phone)) > 1:
        raise PhoneTaken("this phone is registered")
    return uid
    # END SOLUTION


def user_with_phone(transaction: Transaction, phone: str) -> Account | None:
    """Find a user by phone; a phone that stands twice (in an old database) finds nobody."""
    return _only([a for a in _users(transaction, "phone = ?", phone) if a.phone == phone])


def replace_password(
    transaction: Transaction, uid: int, password_md5: str, kept_token: str | None = None
) -> None:
    """Replace a user's password and end their sessions, all or all but one."""
    # BEGIN SOLUTION 3.5
    kept = token_hash(kept_token) if kept_token is not None else b""
    transaction.run("UPDATE user SET password = ? WHERE uid1 = ?", [password_md5, uid])
    transaction.run("DELETE FROM session WHERE uid1 = ? AND token_hash <> ?", [uid, kept])
    # END SOLUTION


def _users(transaction: Transaction, condition: str, *values: str | int | bytes) -> list[Account]:
    sql = f"SELECT {_COLUMNS} FROM user WHERE {condition}"  # condition: this file's text
    return [Account(*row) for row in transaction.rows(sql, values)]


def _insert_user(
    transaction: Transaction, values: tuple[str, str, str, str | None], key: str
) -> int:
    try:
        return transaction.insert(
            "INSERT INTO user (username, password, phone, email, name_key) VALUES (?, ?, ?, ?, ?)",
            [*values, key.encode("utf-8")],
        )
    except Duplicate as error:
        raise NameTaken(f"the name {values[0]} is taken") from error


# A query only narrows the choice; which names are the same is decided below, by code point and
# key. (MySQL takes "Ann " for "Ann", whatever the collation.)
_BY_NAME = "username IN (?, ?) OR name_key = ?"


def _name_values(name: str) -> tuple[str | bytes, ...]:
    return name, shown_name(name), name_key(name).encode("utf-8")


def _named(found: list[Account], name: str) -> Account | None:
    for exact in (name, shown_name(name)):
        for account in found:
            if account.user_name == exact:
                return account
    return _only([a for a in found if name_key(a.user_name) == name_key(name)])


def _only(found: list[Account]) -> Account | None:
    return found[0] if len(found) == 1 else None


def _claim(transaction: Transaction, claim: bytes, uid: int, taken: Exception) -> None:
    try:
        transaction.run("INSERT INTO claim (claim, uid1) VALUES (?, ?)", [claim, uid])
    except Duplicate as error:
        raise taken from error
