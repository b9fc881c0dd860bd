"""Accounts in the database: who there is, what their password is, who is who."""

from dataclasses import dataclass

from .database import Database, Duplicate, Transaction
from .errors import NameTaken, PhoneTaken
from .names import name_key, shown_name
from .schema import name_claim, phone_claim

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
    """Reads and writes accounts; every method is one transaction (StorageUnavailable)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, password_md5: str, phone: str, email: str | None) -> int:
        """Add a user and return the uid; raises NameTaken or PhoneTaken.

        Of many that race for one name exactly one wins: the claim is a primary key.
        """
        shown, key = shown_name(name), name_key(name)
        with self._database.writing() as transaction:
            uid = self._insert_user(transaction, (shown, password_md5, phone, email), key)
            _claim(transaction, name_claim(key), uid, NameTaken(f"the name {shown} is taken"))
            _claim(transaction, phone_claim(phone), uid, PhoneTaken("this phone is registered"))
            return uid

    @staticmethod
    def _insert_user(
        transaction: Transaction, values: tuple[str, str, str, str | None], key: str
    ) -> int:
        try:
            return transaction.insert(
                "INSERT INTO user (username, password, phone, email, name_key) "
                "VALUES (?, ?, ?, ?, ?)",
                [*values, key.encode("utf-8")],
            )
        except Duplicate as error:
            raise NameTaken(f"the name {values[0]} is taken") from error

    def is_phone_taken(self, phone: str) -> bool:
        """Tell whether a user has this phone number."""
        return bool(self._find("phone = ?", phone))

    def find_by_name(self, name: str) -> Account | None:
        """Find a user by name: the exact one first, then the only one with the same key."""
        exact = self._find("username = ?", shown_name(name)) or self._find("username = ?", name)
        found = exact or self._find("name_key = ?", name_key(name).encode("utf-8"))
        return found[0] if len(found) == 1 else None

    def find_by_phone(self, phone: str) -> Account | None:
        """Find a user by phone; a phone that stands twice (in an old database) finds nobody."""
        found = self._find("phone = ?", phone)
        return found[0] if len(found) == 1 else None

    def find_by_login(self, text: str) -> Account | None:
        """Find a user by what was typed at login: a name or a phone number."""
        return self.find_by_name(text) or self.find_by_phone(text)

    def find_by_uid(self, uid: int) -> Account | None:
        """Find a user by number."""
        found = self._find("uid1 = ?", uid)
        return found[0] if found else None

    def set_password(self, uid: int, password_md5: str) -> None:
        """Replace a user's password."""
        with self._database.writing() as transaction:
            transaction.run("UPDATE user SET password = ? WHERE uid1 = ?", [password_md5, uid])

    def _find(self, condition: str, value: str | int | bytes) -> list[Account]:
        with self._database.reading() as transaction:
            sql = f"SELECT {_COLUMNS} FROM user WHERE {condition}"  # condition: this file's text
            return [Account(*row) for row in transaction.rows(sql, [value])]


def _claim(transaction: Transaction, claim: bytes, uid: int, taken: Exception) -> None:
    try:
        transaction.run("INSERT INTO claim (claim, uid1) VALUES (?, ?)", [claim, uid])
    except Duplicate as error:
        raise taken from error
