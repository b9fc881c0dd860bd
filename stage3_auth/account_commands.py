"""The terminal commands about accounts, a table that later clients add to their own."""

import functools
from collections.abc import Callable, Mapping

from stage1_echo import is_interactive, print_event
from stage2_protocol import Command, CommandLine, WrongUsage

from .auth_client import AuthClient
from .explain import Check
from .sessions import Session, not_logged_in
from .validation import check_code, check_password, check_phone

_REGISTER = {"password": check_password, "phone": check_phone, "code": check_code}
_RESET = {"code": check_code, "new password": check_password}
# An old password may be older than the rules.
_LOGIN: Mapping[str, Check | None] = {"password": None}
_CHANGE: Mapping[str, Check | None] = {"old password": None, "new password": check_password}


class GivenUp(Exception):
    """The person did not answer a question: Ctrl-C, or the end of input."""


class AccountCommands:
    """The commands about accounts; ``session`` is whoever logged in last, or None.

    Words that are left out are asked for when a person sits at the terminal, so that no password
    needs to stand in a shell's history. ``on_login`` is called with each new session.
    """

    def __init__(
        self, auth: AuthClient, on_login: Callable[[Session], object] | None = None
    ) -> None:
        self._auth = auth
        self._on_login = on_login
        self.session: Session | None = None

    def add_to(self, line: CommandLine) -> None:
        """Add the commands to a command line."""
        for name, usage, help, run in (
            ("code", "PHONE", "have a verification code sent", self.code),
            ("register", "NAME [PASSWORD PHONE CODE [EMAIL]]", "register", self.register),
            ("login", "NAME|PHONE [PASSWORD]", "log in", self.login),
            ("whoami", "", "show who is logged in", self.whoami),
            ("password", "[OLD NEW]", "change the password", self.password),
            ("resetcode", "PHONE", "have a code to reset the password sent", self.reset_code),
            ("reset", "PHONE [CODE NEW]", "set a new password", self.reset),
            ("logout", "", "log out", self.logout),
        ):
            line.add(name, Command(usage, help, _may_be_given_up(run)))

    def code(self, phone: str) -> None:
        """Have a verification code sent."""
        self._auth.send_code(phone)
        print_event(f"a code was sent to {phone}")

    def register(self, name: str, *rest: str) -> None:
        """Register a user."""
        password, phone, code, *email = _fill(rest, _REGISTER, optional=1)
        uid = self._auth.register(name, password, phone, code, *email)
        print_event(f"registered {name} (uid {uid})")

    def login(self, name: str, *rest: str) -> None:
        """Log in."""
        (password,) = _fill(rest, _LOGIN)
        self.session = self._auth.login(name, password)
        print_event(f"logged in as {self.session.user_name} (uid {self.session.uid})")
        if self._on_login is not None:
            self._on_login(self.session)

    def whoami(self) -> None:
        """Show who is logged in."""
        me = self._auth.who_am_i(self.token())
        print_event(
            f"{me['user_name']} (uid {me['uid']}), phone {me['phone']}, "
            f"e-mail {me['email'] or 'not given'}"
        )

    def password(self, *rest: str) -> None:
        """Change the password."""
        old, new = _fill(rest, _CHANGE)
        self._auth.change_password(self.token(), old, new)
        print_event("the password was changed")

    def reset_code(self, phone: str) -> None:
        """Have a code for a reset sent."""
        self._auth.send_code(phone, "reset")
        print_event(f"if {phone} is registered, a code was sent to it")

    def reset(self, phone: str, *rest: str) -> None:
        """Set a new password with a code."""
        code, new = _fill(rest, _RESET)
        self._auth.reset_password(phone, code, new)
        print_event("the password was set; log in with it")

    def logout(self) -> None:
        """Log out."""
        self._auth.logout(self.token())
        self.session = None
        print_event("logged out")

    def token(self) -> str:
        """Return the token of whoever is logged in; raises Refused (102)."""
        if self.session is None:
            raise not_logged_in()
        return self.session.token


def _fill(
    given: tuple[str, ...], wanted: Mapping[str, Check | None], *, optional: int = 0
) -> list[str]:
    """Return ``given``, asking a person for the words of ``wanted`` that are missing.

    ``optional`` is how many more there may be. Raises GivenUp, or WrongUsage.
    """
    if len(given) > len(wanted) + optional:
        raise WrongUsage("too many words; one with spaces in it stands in quotes")
    missing = dict(list(wanted.items())[len(given) :])
    if missing and not is_interactive():
        raise WrongUsage(f"{next(iter(missing))} is missing")
    if not missing:
        return list(given)
    from .questions import ask_all  # rich takes time to load, and scripts ask nobody

    try:
        return [*given, *ask_all(missing)]
    except (KeyboardInterrupt, EOFError):
        print()  # what the terminal shows next begins a line of its own
        raise GivenUp from None


def _may_be_given_up(run: Callable[..., object]) -> Callable[..., object]:
    """Return the command so that Ctrl-C at one of its questions leads back to the prompt."""

    @functools.wraps(run)
    def carry_out(*words: str) -> None:
        try:
            run(*words)
        except GivenUp:
            print_event("nothing was done; Ctrl-C once more leaves")

    return carry_out
