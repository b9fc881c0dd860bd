"""The account service: codes, registration, login, sessions (ops 0 to 6)."""

import contextlib
import time
from collections.abc import Callable

from stage2_protocol import Args, Data, Peer, Refused, Service, Status, Verb

from .accounts import Account, AccountStore, add_user, replace_password, user_with_phone
from .code_sender import CodeSender
from .code_store import CodeStore
from .codes import PURPOSES
from .database import Database, Transaction
from .errors import NameTaken, PhoneTaken, StorageUnavailable, WrongCode
from .explain import explained
from .login_guard import LoginGuard
from .passwords import is_password, md5_of
from .sessions import Session, SessionStore, not_logged_in
from .sms import SmsProvider
from .validation import check_email, check_name, check_password, check_phone

LOGIN, SEND_CODE, REGISTER, LOGOUT, WHOAMI, CHANGE_PASSWORD, RESET_PASSWORD = range(7)
# Whoever logs in first after so long waits a moment while what has expired is forgotten.
SWEEP_SECONDS = 3600.0


class AuthService(Service):
    """Accounts over the wire; the database, the codes, the provider and the guard are passed in."""

    name = "auth"

    def __init__(
        self,
        database: Database,
        codes: CodeStore,
        sms: SmsProvider,
        guard: LoginGuard,
        *,
        session_ttl: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock)
        self._accounts = AccountStore(database)
        self._sessions = SessionStore(database)
        self._codes = codes
        self._sender = CodeSender(self._accounts, codes, sms, clock)
        self._guard = guard
        self._session_ttl = session_ttl
        self._next_sweep = 0.0
        self.add(
            Verb(LOGIN, "LOGIN", self._login),
            Verb(SEND_CODE, "SEND_CODE", self._send_code),
            Verb(REGISTER, "REGISTER", self._register),
            Verb(LOGOUT, "LOGOUT", self._logout),
            Verb(WHOAMI, "WHOAMI", self._whoami),
            Verb(CHANGE_PASSWORD, "CHANGE_PASSWORD", self._change_password),
            Verb(RESET_PASSWORD, "RESET_PASSWORD", self._reset_password),
        )

    def started(self) -> None:
        """Forget the sessions and codes that expired while no server ran."""
        self._sweep()

    def _sweep(self) -> None:
        self._next_sweep = self.clock() + SWEEP_SECONDS
        self._sessions.sweep(self.clock())
        self._codes.sweep(self.clock())

    def _login(self, peer: Peer, args: Args) -> Data:
        # BEGIN SOLUTION 3.6
        typed, password = args.text("user_name"), args.text("user_pwd")
        with self._guard.trying(typed, peer):
            account, session = self._enter(typed, password)
        self._guard.welcome(account, peer)
        peer.trusted = True
        if self.clock() >= self._next_sweep:
            with contextlib.suppress(StorageUnavailable):  # the login itself has succeeded
                self._sweep()
        return {
            "token": session.token,
            "uid": session.uid,
            "user_name": session.user_name,
            "expires_at": session.expires_at,
        }
        # END SOLUTION

    def _enter(self, typed: str, password: str) -> tuple[Account, Session]:
        # BEGIN SOLUTION 3.6
        account = self._accounts.find_by_login(typed)
        stored = account.password_md5 if account is not None else None
        # The password is compared also when there is no such user: one answer, one cost in time.
        if not is_password(password, stored) or account is None:
            raise _wrong_login()
        session = self._sessions.create(
            account.uid, account.user_name, account.password_md5, self.clock(), self._session_ttl
        )
        if session is None:
            raise _wrong_login()
        return account, session
        # END SOLUTION

    def _send_code(self, peer: Peer, args: Args) -> Data:
        # BEGIN SOLUTION 3.3
        phone, purpose = args.text("phone"), _purpose(args)
        _require("phone", check_phone(phone), phone)
        self._sender.send(phone, purpose, peer)
        return {}
        # END SOLUTION

    def _register(self, peer: Peer, args: Args) -> Data:
        # BEGIN SOLUTION 3.4
        name, password, phone = args.text("user_name"), args.text("user_pwd"), args.text("phone")
        email = args.optional_text("email") or ""
        code = args.text("code")
        _require("user_name", check_name(name), name)
        _require("user_pwd", check_password(password), password)
        _require("phone", check_phone(phone), phone)
        _require("email", check_email(email), email)

        def add(transaction: Transaction) -> Account:
            uid = add_user(transaction, name, md5_of(password), phone, email or None)
            return Account(uid, name, md5_of(password), phone, email or None)

        try:
            account = self._codes.spend(phone, "register", code, self.clock(), add)
        except WrongCode as error:
            raise _wrong_code() from error
        except NameTaken as error:
            raise Refused(3, "this name is taken, choose another", field="user_name") from error
        except PhoneTaken as error:
            raise Refused(4, "this phone is registered already", field="phone") from error
        self._guard.welcome(account, peer)
        return {"uid": account.uid}
        # END SOLUTION

    def _logout(self, _peer: Peer, args: Args) -> None:
        # BEGIN SOLUTION 3.7
        session, _account = self._who(args)
        self._sessions.end(session.token)
        # END SOLUTION

    def _whoami(self, _peer: Peer, args: Args) -> Data:
        # BEGIN SOLUTION 3.7
        _session, account = self._who(args)
        return {
            "uid": account.uid,
            "user_name": account.user_name,
            "phone": account.phone,
            "email": account.email,
        }
        # END SOLUTION

    def _change_password(self, peer: Peer, args: Args) -> None:
        # BEGIN SOLUTION 3.7
        session, account = self._who(args)
        old, new = args.text("user_pwd"), args.text("new_pwd")
        with self._guard.trying(account.user_name, peer):  # a stolen session may not guess either
            if not is_password(old, account.password_md5):
                raise Refused(1, "wrong: this is not your present password", field="user_pwd")
        _require("new_pwd", check_password(new), new)
        self._accounts.set_password(account.uid, md5_of(new), kept_token=session.token)
        # END SOLUTION

    def _reset_password(self, peer: Peer, args: Args) -> None:
        # BEGIN SOLUTION 3.5
        phone, code, new = args.text("phone"), args.text("code"), args.text("new_pwd")
        _require("new_pwd", check_password(new), new)

        def reset(transaction: Transaction) -> Account:
            account = user_with_phone(transaction, phone)
            if account is None:
                raise WrongCode("nobody can be found by this phone")
            replace_password(transaction, account.uid, md5_of(new))
            return account

        try:
            account = self._codes.spend(phone, "reset", code, self.clock(), reset)
        except WrongCode as error:
            raise _wrong_code() from error
        self._guard.welcome(account, peer)
        # END SOLUTION

    def _who(self, args: Args) -> tuple[Session, Account]:
        # BEGIN SOLUTION 3.7
        session = self._sessions.find(args.text("token"), self.clock())
        account = None if session is None else self._accounts.find_by_uid(session.uid)
        if session is None or account is None:
            raise not_logged_in()
        return session, account
        # END SOLUTION


def _wrong_login() -> Refused:
    return Refused(1, "wrong name or password")


def _wrong_code() -> Refused:
    text = "this code is wrong, or good no longer: it works once, for some minutes and five tries"
    return Refused(1, text, field="code")


def _purpose(args: Args) -> str:
    purpose = args.optional_text("purpose")
    if purpose is None:
        return PURPOSES[0]
    if purpose not in PURPOSES:
        allowed = " and ".join(PURPOSES)
        raise Refused(
            Status.BAD_REQUEST,
            f"got purpose {purpose[:40]!r}, allowed are {allowed}",
            field="purpose",
        )
    return purpose


def _require(field: str, reason: str | None, text: str) -> None:
    """Raise the refusal (2) of a field that breaks its rule."""
    if reason is not None:
        raise Refused(2, explained(reason, text), field=field)
