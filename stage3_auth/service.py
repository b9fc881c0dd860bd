"""The account service: codes, registration, login, sessions (ops 0 to 6)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stage2_protocol import Args, Data, Peer, Refused, Service, Status, Verb

from .accounts import Account, AccountStore
from .codes import CodeBook
from .database import Database
from .errors import NameTaken, PhoneTaken, SmsFailed
from .passwords import is_password, md5_of
from .sessions import Session, SessionStore, not_logged_in
from .sms import SmsProvider
from .validation import REASONS, check_email, check_name, check_password, check_phone

LOGIN, SEND_CODE, REGISTER, LOGOUT, WHOAMI, CHANGE_PASSWORD, RESET_PASSWORD = range(7)
PURPOSES = ("register", "reset")


class AuthService(Service):
    """Accounts over the wire; the databases, the code book and the provider are passed in."""

    name = "auth"

    def __init__(
        self,
        database: Database,
        codes: CodeBook,
        sms: SmsProvider,
        *,
        session_ttl: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock)
        self._accounts = AccountStore(database)
        self._sessions = SessionStore(database)
        self._codes = codes
        self._code_lock = threading.Lock()  # held for moments, never while anything is waited for
        self._sms = sms
        self._session_ttl = session_ttl
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
        """Forget the sessions that expired while no server ran."""
        self._sessions.sweep(self.clock())

    def _login(self, peer: Peer, args: Args) -> Data:
        account = self._accounts.find_by_login(args.text("user_name"))
        stored = account.password_md5 if account is not None else None
        # The password is compared also when there is no such user: one answer, one cost in time.
        if not is_password(args.text("user_pwd"), stored) or account is None:
            raise _wrong_login()
        session = self._sessions.create(
            account.uid,
            account.user_name,
            account.password_md5,
            self.clock(),
            self._session_ttl,
        )
        if session is None:
            raise _wrong_login()
        peer.trusted = True
        return {
            "token": session.token,
            "uid": session.uid,
            "user_name": session.user_name,
            "expires_at": session.expires_at,
        }

    def _send_code(self, _peer: Peer, args: Args) -> Data:
        phone = args.text("phone")
        purpose = _purpose(args)
        if check_phone(phone):
            raise Refused(2, REASONS["phone.format"], field="phone")
        registered = self._accounts.is_phone_taken(phone)
        if registered and purpose == "register":
            raise Refused(3, "this phone is registered already", field="phone")
        now = self.clock()
        code = self._issue(phone, purpose, now)
        # For reset every well-formed phone gets the same answer: strangers learn nothing from it.
        if registered or purpose == "register":
            self._send(phone, code, purpose, now)
        return {}

    def _issue(self, phone: str, purpose: str, now: float) -> str:
        with self._code_lock:
            wait = self._codes.wait_before_next(phone, now)
            if wait <= 0:
                return self._codes.issue(phone, purpose, now)
        raise Refused(
            Status.TOO_MANY_REQUESTS, "a code was sent to this phone already", retry_after=wait
        )

    def _send(self, phone: str, code: str, purpose: str, now: float) -> None:
        try:
            self._sms.send(phone, code, purpose)
        except SmsFailed as error:
            with self._code_lock:
                self._codes.withdraw(phone, purpose, now)
            raise Refused(1, "the message could not be sent; try again later") from error

    def _register(self, _peer: Peer, args: Args) -> Data:
        name, password, phone = args.text("user_name"), args.text("user_pwd"), args.text("phone")
        email = args.optional_text("email") or ""
        code = args.text("code")
        _require("user_name", check_name(name))
        _require("user_pwd", check_password(password))
        _require("phone", check_phone(phone))
        _require("email", check_email(email))
        with self._right_code(phone, "register", code):
            try:
                uid = self._accounts.add(name, md5_of(password), phone, email or None)
            except NameTaken as error:
                raise Refused(3, "this name is taken", field="user_name") from error
            except PhoneTaken as error:
                raise Refused(4, "this phone is registered already", field="phone") from error
        return {"uid": uid}

    def _logout(self, _peer: Peer, args: Args) -> None:
        session, _account = self._who(args)
        self._sessions.end(session.token)

    def _whoami(self, _peer: Peer, args: Args) -> Data:
        _session, account = self._who(args)
        return {
            "uid": account.uid,
            "user_name": account.user_name,
            "phone": account.phone,
            "email": account.email,
        }

    def _change_password(self, _peer: Peer, args: Args) -> None:
        session, account = self._who(args)
        old, new = args.text("user_pwd"), args.text("new_pwd")
        if not is_password(old, account.password_md5):
            raise Refused(1, "wrong password", field="user_pwd")
        _require("new_pwd", check_password(new))
        self._accounts.set_password(account.uid, md5_of(new), kept_token=session.token)

    def _reset_password(self, _peer: Peer, args: Args) -> None:
        phone, code, new = args.text("phone"), args.text("code"), args.text("new_pwd")
        _require("new_pwd", check_password(new))
        with self._right_code(phone, "reset", code):
            account = self._accounts.find_by_phone(phone)
            if account is None:
                raise _wrong_code()
            self._accounts.set_password(account.uid, md5_of(new))

    @contextmanager
    def _right_code(self, phone: str, purpose: str, code: str) -> Iterator[None]:
        """Hold a right code while something is done with it; only success uses it up."""
        with self._code_lock:
            taken = self._codes.take(phone, purpose, code, self.clock())
        if taken is None:
            raise _wrong_code()
        try:
            yield
        except BaseException:
            with self._code_lock:
                self._codes.give_back(taken)
            raise

    def _who(self, args: Args) -> tuple[Session, Account]:
        session = self._sessions.find(args.text("token"), self.clock())
        account = None if session is None else self._accounts.find_by_uid(session.uid)
        if session is None or account is None:
            raise not_logged_in()
        return session, account


def _wrong_login() -> Refused:
    return Refused(1, "wrong name or password")


def _wrong_code() -> Refused:
    return Refused(1, "wrong or expired code", field="code")


def _purpose(args: Args) -> str:
    purpose = args.optional_text("purpose")
    if purpose is None:
        return PURPOSES[0]
    if purpose not in PURPOSES:
        allowed = " and ".join(PURPOSES)
        raise Refused(
            Status.BAD_REQUEST, f"got purpose {purpose!r}, allowed are {allowed}", field="purpose"
        )
    return purpose


def _require(field: str, reason: str | None) -> None:
    """Raise the refusal (2) of a field that breaks its rule."""
    if reason is not None:
        raise Refused(2, REASONS[reason], field=field)
