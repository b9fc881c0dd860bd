"""What a client asks the account server, as plain calls."""

import threading

from stage1_echo import safe_text
from stage2_protocol import HELLO, ClientConnection, ConnectionLost, Data, Fields, MessageError

from .errors import AuthError
from .names import LONGEST_TYPED
from .service import (
    CHANGE_PASSWORD,
    LOGIN,
    LOGOUT,
    REGISTER,
    RESET_PASSWORD,
    SEND_CODE,
    WHOAMI,
)
from .sessions import Session

HELLO_SECONDS = 10.0  # a person waits for it


class AuthClient:
    """Calls on an account server; connects when first needed, and again after the connection broke.

    Every call blocks and may be made from any thread. All raise Refused, ConnectionLost,
    RequestTimeout, or MessageError when the answer is not what the protocol says.
    """

    def __init__(self, host: str, port: int) -> None:
        self.address = (host, port)
        self._connection: ClientConnection | None = None
        self._lock = threading.Lock()

    def hello(self) -> Data:
        """Ask who the server is and what it allows."""
        return self._request(HELLO, {})

    def send_code(self, phone: str, purpose: str = "register") -> None:
        """Have a verification code sent to ``phone``; ``purpose`` is register or reset."""
        self._request(SEND_CODE, {"phone": phone, "purpose": purpose})

    def register(
        self, user_name: str, user_pwd: str, phone: str, code: str, email: str = ""
    ) -> int:
        """Register a user; return the uid."""
        args = {"user_name": user_name, "user_pwd": user_pwd, "phone": phone, "code": code}
        if email:
            args["email"] = email
        return Fields(self._request(REGISTER, args), "the answer to REGISTER").integer("uid")

    def login(self, user_name: str, user_pwd: str) -> Session:
        """Log in by name or phone."""
        args = {"user_name": user_name, "user_pwd": user_pwd}
        found = Fields(self._request(LOGIN, args), "the answer to LOGIN")
        return Session(
            found.text("token"),
            found.integer("uid"),
            _name_in(found),
            found.moment("expires_at"),
        )

    def logout(self, token: str) -> None:
        """End a session."""
        self._request(LOGOUT, {"token": token})

    def who_am_i(self, token: str) -> Data:
        """Ask for uid, user_name, phone and email of a session's user."""
        found = Fields(self._request(WHOAMI, {"token": token}), "the answer to WHOAMI")
        return {
            "uid": found.integer("uid"),
            "user_name": _name_in(found),
            "phone": found.text("phone"),
            "email": found.text("email") if "email" in found else "",
        }

    def change_password(self, token: str, user_pwd: str, new_pwd: str) -> None:
        """Change the password; the user's other sessions end."""
        args = {"token": token, "user_pwd": user_pwd, "new_pwd": new_pwd}
        self._request(CHANGE_PASSWORD, args)

    def reset_password(self, phone: str, code: str, new_pwd: str) -> None:
        """Set a new password with a code of purpose reset; all of the user's sessions end."""
        self._request(RESET_PASSWORD, {"phone": phone, "code": code, "new_pwd": new_pwd})

    def use(self, host: str, port: int) -> None:
        """Turn to another account server: all later calls go there.

        Raises AuthError when a server of another kind answers. After any error it stays with the
        server that it had.
        """
        connection = ClientConnection(host, port)
        try:
            service = connection.request(HELLO, timeout=HELLO_SECONDS).get("service")
            if service != "auth":
                raise AuthError(f"got the service {safe_text(str(service))}, allowed is auth")
        except Exception:
            connection.close()
            raise
        with self._lock:
            old, self._connection = self._connection, connection
            self.address = (host, port)
        if old is not None:
            old.close()

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _request(self, op: int, args: Data) -> Data:
        connection, is_new = self._connected()
        try:
            return connection.request(op, args)
        except ConnectionLost:
            # A kept connection may have died unnoticed while nobody spoke (the server restarted);
            # only a request that cannot do harm twice may be asked again.
            if is_new or op not in (HELLO, LOGIN, WHOAMI):
                raise
        return self._connected()[0].request(op, args)

    def _connected(self) -> tuple[ClientConnection, bool]:
        with self._lock:
            if self._connection is not None and self._connection.is_open:
                return self._connection, False
            self._connection = ClientConnection(*self.address)
            return self._connection, True


def _name_in(answer: Fields) -> str:
    """Return the user's name; a window that shows one of many thousand characters ends on X11."""
    name = answer.text("user_name")
    if len(name) > LONGEST_TYPED:
        raise MessageError(f"got a user_name of {len(name)} characters, which is no name")
    return name
