"""The three pages of the login window: log in, register, and a new password by code."""

import tkinter as tk
from collections.abc import Callable

from ..sessions import Session
from ..validation import check_code, check_email, check_name, check_password, check_phone
from .field import Field
from .login_errors import (
    Trouble,
    code_trouble,
    login_trouble,
    register_trouble,
    reset_trouble,
)
from .login_form import Page
from .login_parts import CodeButton, Tools
from .palette_button import PaletteButton

Words = Callable[[], str]  # a text that can be written again in another language

CODE_PAUSE = 60.0  # seconds between two codes to one phone: the server's rule


class LoginPage(Page):
    """Name or phone, password; ``on_login`` gets the session."""

    def __init__(
        self, master: tk.Misc, tools: Tools, on_login: Callable[[Session], object]
    ) -> None:
        super().__init__(master, tools, name="login", button="log_in", message="message")
        self._on_login = on_login
        # The rules of registration do not apply: old names log in, too.
        self.user_name = self.field("user_name", _required("user_name.empty"))
        self.user_pwd = self.field("user_pwd", _required("user_pwd.empty"), secret=True)
        self.arguments = {"user_name": self.user_name, "user_pwd": self.user_pwd}
        self.lay_out(self.user_name, self.user_pwd)

    def submit(self) -> None:
        """Log in."""
        if not self.busy and self.all_well():
            name, password = self.user_name.value, self.user_pwd.value
            login = self._tools.auth.login
            self.call(login, name, password, done=self._logged_in, translate=login_trouble)

    def fill(self, name: str, password: str) -> None:
        """Start with a name and a password that the person has just chosen."""
        self.user_name.reset(name)
        self.user_pwd.reset(password)

    def trouble(self, trouble: Trouble) -> None:
        """After a wrong password go back to it, ready to be typed over."""
        if trouble.key == "error.login":
            self.user_pwd.entry.focus_set()
            self.user_pwd.entry.select_all()

    def _logged_in(self, session: Session) -> None:
        name = session.user_name
        self.message.say("success", lambda: self._tools.catalog.text("login.done", name=name))
        self.user_pwd.reset()  # a password has no business in a window that is done with it
        self._on_login(session)


class _CodePage(Page):
    """A page with a phone and a code that is sent to it."""

    _purpose = "register"
    _asked = False  # whether the last call asked for a code

    def code_field(self, key: str, button: str, phone: Field) -> Field:
        """Make the field for the code, with the button that sends one."""
        field = self.field(key, check_code)
        self.phone, self.code = phone, field
        self.send_button = CodeButton(
            field, self._tools, self._send_code, name=button, phone=lambda: phone.value
        )
        field.put_beside(self.send_button)
        phone.entry.bind("<<Changed>>", lambda _event: self.send_button.refresh(), add=True)
        return field

    def trouble(self, trouble: Trouble) -> None:
        """When the server says how long to wait for a code, count down from there."""
        if trouble.retry_after is not None and self._asked:
            self.send_button.wait(self.phone.value, trouble.retry_after)

    def _set_busy(self, button: PaletteButton | None) -> None:
        super()._set_busy(button)
        self.send_button.busy = button is self.send_button
        self.send_button.refresh()

    def _send_code(self) -> None:
        if self.busy:
            return
        if not self.phone.reveal():
            self.phone.entry.focus_set()
            return
        phone = self.phone.value

        def sent(_nothing: None) -> None:
            self.send_button.wait(phone, CODE_PAUSE)
            self.message.say("success", lambda: self._tools.catalog.text("code.sent", phone=phone))
            self.code.reset()  # whatever stood there belongs to an older code
            self.code.entry.focus_set()

        self._asked = True
        send_code = self._tools.auth.send_code
        self.call(
            send_code,
            phone,
            self._purpose,
            done=sent,
            translate=code_trouble,
            button=self.send_button,
        )


class RegisterPage(_CodePage):
    """A new account; ``on_registered`` gets name, password, and the words to welcome them with."""

    def __init__(
        self, master: tk.Misc, tools: Tools, on_registered: Callable[[str, str, Words], object]
    ) -> None:
        super().__init__(master, tools, name="register", button="register", message="reg_message")
        self._on_registered = on_registered
        self.user_name = self.field("reg_name", check_name)
        self.user_pwd = self.field("reg_pwd", check_password, secret=True)
        phone = self.field("reg_phone", check_phone)
        code = self.code_field("reg_code", "send_code", phone)
        self.email = self.field("reg_email", check_email)
        self.arguments = {
            "user_name": self.user_name,
            "user_pwd": self.user_pwd,
            "phone": phone,
            "code": code,
            "email": self.email,
        }
        self.lay_out(self.user_name, self.user_pwd, phone, code, self.email)

    def submit(self) -> None:
        """Create the account."""
        if not self.busy and self.all_well():
            self._asked = False
            values = [self.arguments[name].value for name in self.arguments]
            register = self._tools.auth.register
            self.call(register, *values, done=self._registered, translate=register_trouble)

    def _registered(self, uid: int) -> None:
        name, password = self.user_name.value, self.user_pwd.value

        def words() -> str:
            return self._tools.catalog.text("register.done", name=name, uid=uid)

        for field in self._fields:
            field.reset()
        self.message.say("success", words)
        self._on_registered(name, password, words)


class ResetPage(_CodePage):
    """A new password for who lost theirs; ``on_reset`` gets phone, password, and what to say."""

    _purpose = "reset"

    def __init__(
        self, master: tk.Misc, tools: Tools, on_reset: Callable[[str, str, Words], object]
    ) -> None:
        super().__init__(master, tools, name="reset", button="reset", message="reset_message")
        self._on_reset = on_reset
        phone = self.field("reset_phone", check_phone)
        code = self.code_field("reset_code", "reset_send_code", phone)
        self.new_pwd = self.field("reset_pwd", check_password, secret=True)
        self.arguments = {"phone": phone, "code": code, "new_pwd": self.new_pwd}
        self.lay_out(phone, code, self.new_pwd)

    def submit(self) -> None:
        """Set the new password."""
        if not self.busy and self.all_well():
            self._asked = False
            values = [self.arguments[name].value for name in self.arguments]
            reset = self._tools.auth.reset_password
            self.call(reset, *values, done=self._done, translate=reset_trouble)

    def _done(self, _nothing: None) -> None:
        phone, password = self.phone.value, self.new_pwd.value
        for field in self._fields:
            field.reset()

        def words() -> str:
            return self._tools.catalog.text("reset.done")

        self.message.say("success", words)
        self._on_reset(phone, password, words)


def _required(reason: str) -> Callable[[str], str | None]:
    return lambda text: None if text else reason
