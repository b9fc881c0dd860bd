"""NetEase Yunxin sends the codes: a signed HTTP request for each, through ``requests``.

The request (the vendor's SMS API): ``POST /sms/….action``, a form in UTF-8, with the headers
AppKey, Nonce, CurTime and CheckSum. The answer is JSON with a ``code``; its ``obj`` may hold the
verification code itself, so an answer is never logged. Secrets come from the environment, never
from a flag:

- ``NETEASE_APP_KEY``, ``NETEASE_APP_SECRET``: the application's, from the vendor's console.
- ``NETEASE_TEMPLATE``: the number of the message's template.
- ``NETEASE_FORM``: how the code is sent. ``paramMap`` (the default; applications since November
  2025), ``authCode`` (older ones), or ``template`` (a message template, ``sendtemplate.action``).
- ``NETEASE_HOSTS``: URLs of the hosts, the backup second, where they are not the usual ones.
- ``NETEASE_SECONDS``: how long a host may take to connect, to begin an answer, and to end it (4).
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

from .errors import AuthError, SmsFailed

HOSTS = ("https://sms.yunxinapi.com", "https://sms-backup.yunxinapi.com")
# To connect, to begin an answer, to end it. Two hosts must fit into what a client waits for.
SECONDS = 4.0
ANSWER_SIZE = 64 * 1024  # bytes; an answer has about a hundred

OK = 200
SERVER_ERROR = 500

_LATER = "the message could not be sent; try again in a few minutes"
_OPERATOR = "messages cannot be sent at present; please tell whoever runs this server"
_ENOUGH = "this phone has been sent too many messages; try again later, tomorrow at the latest"
# The vendor's code -> (for the log, for the user).
ANSWERS: Mapping[int, tuple[str, str]] = {
    301: ("the application is banned", _OPERATOR),
    315: ("this server's IP address is not allowed", _OPERATOR),
    403: ("forbidden: the application may not do this", _OPERATOR),
    404: ("there is no such thing: does the template fit?", _OPERATOR),
    413: ("verification failed", _OPERATOR),
    414: (
        "bad parameters or CheckSum: look at key, secret and this machine's clock",
        _OPERATOR,
    ),
    416: ("too many messages for now", _ENOUGH),
    SERVER_ERROR: ("an error of the provider", _LATER),
}

Form = dict[str, str]


def _param_map(phone: str, code: str, template: str) -> Form:
    return {"mobile": phone, "templateid": template, "paramMap": json.dumps({"code": code})}


def _auth_code(phone: str, code: str, template: str) -> Form:
    return {"mobile": phone, "templateid": template, "authCode": code}


def _template(phone: str, code: str, template: str) -> Form:
    return {
        "templateid": template,
        "mobiles": json.dumps([phone]),
        "params": json.dumps([code]),
    }


# How the code is sent: the action, and what makes its form.
FORMS: Mapping[str, tuple[str, Callable[[str, str, str], Form]]] = {
    "paramMap": ("sendcode.action", _param_map),
    "authCode": ("sendcode.action", _auth_code),
    "template": ("sendtemplate.action", _template),
}


@dataclass(frozen=True)
class NeteaseAccount:
    """Whose messages these are; ``form`` is a key of FORMS."""

    app_key: str
    app_secret: str = field(repr=False)
    template: str = ""
    form: str = "paramMap"
    hosts: tuple[str, ...] = HOSTS
    seconds: float = SECONDS


class _Unreachable(Exception):
    """This host did not do it; another one may."""


class NeteaseSms:
    """Sends codes through NetEase Yunxin; ``clock`` is Unix seconds. May be used by any thread."""

    def __init__(self, account: NeteaseAccount, clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._clock = clock

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "NeteaseSms":
        """Read the account from the environment; raises AuthError that names what is missing."""
        wanted = ("NETEASE_APP_KEY", "NETEASE_APP_SECRET", "NETEASE_TEMPLATE")
        missing = [name for name in wanted if not environment.get(name)]
        if missing:
            raise AuthError(f"--sms netease needs {', '.join(missing)} in the environment")
        form = environment.get("NETEASE_FORM", "") or "paramMap"
        if form not in FORMS:
            raise AuthError(f"got NETEASE_FORM {form!r}; allowed are {', '.join(FORMS)}")
        hosts = tuple(environment.get("NETEASE_HOSTS", "").split()) or HOSTS
        key, secret, template = (environment[name] for name in wanted)
        if not (key.isascii() and key.isprintable()):  # it is a header's value
            raise AuthError("got a NETEASE_APP_KEY with other characters than visible ASCII ones")
        if not all(host.startswith(("https://", "http://")) for host in hosts):
            raise AuthError(f"got NETEASE_HOSTS {' '.join(hosts)!r}; allowed are URLs, https://…")
        seconds = _seconds(environment.get("NETEASE_SECONDS", "") or str(SECONDS))
        return cls(NeteaseAccount(key, secret, template, form, hosts, seconds))

    def send(self, phone: str, code: str, purpose: str) -> None:
        """Send a code, once more over the backup host where the first cannot; raises SmsFailed.

        A code may then arrive twice, but it is the same one.
        """
        reasons = []
        for host in self._account.hosts:
            try:
                self._send(host, phone, code)
                return
            except _Unreachable as error:
                reasons.append(f"{host}: {error}")
        raise SmsFailed("; ".join(reasons), _LATER)

    def _send(self, host: str, phone: str, code: str) -> None:
        action, make_form = FORMS[self._account.form]
        form = make_form(phone, code, self._account.template)
        url = f"{host}/sms/{action}"
        answer = _answer_code(url, form, self._headers(), self._account.seconds)
        if answer == OK:
            return
        reason, told = ANSWERS.get(answer, (f"code {answer}", _LATER))
        if answer == SERVER_ERROR:
            raise _Unreachable(reason)
        raise SmsFailed(f"the provider refused ({answer}): {reason}", told)

    def _headers(self) -> dict[str, str]:
        """Sign one request: the signature is good for five minutes, so each has its own."""
        nonce, now = secrets.token_hex(16), str(int(self._clock()))
        return {
            "AppKey": self._account.app_key,
            "Nonce": nonce,
            "CurTime": now,
            "CheckSum": check_sum(self._account.app_secret, nonce, now),
            "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
        }


def check_sum(secret: str, nonce: str, now: str) -> str:
    """Return the signature of a request: lower-case hex SHA-1, as the vendor asks for."""
    signed = (secret + nonce + now).encode("utf-8")
    return hashlib.sha1(signed, usedforsecurity=False).hexdigest()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:
        raise AuthError(f"got NETEASE_SECONDS {text!r}; allowed is a number above 0, at most 60")
    return seconds


def _answer_code(url: str, form: Form, headers: dict[str, str], seconds: float) -> int:
    """Ask one host; return the code in its answer. Raises _Unreachable."""
    try:
        with requests.post(
            url,
            data=form,
            headers=headers,
            timeout=seconds,
            allow_redirects=False,  # the signature is for this host alone
            stream=True,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise _Unreachable(f"HTTP status {answer.status_code}")
            body = _body(answer, seconds)
    except requests.RequestException as error:
        # Its text may quote what was sent; its kind says enough.
        raise _Unreachable(f"no answer ({type(error).__name__})") from None
    try:
        code = json.loads(body)["code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _Unreachable("an answer without a code") from None
    return code if isinstance(code, int) else SERVER_ERROR


def _body(answer: requests.Response, seconds: float) -> bytes:
    """Read an answer; raises _Unreachable when it is too long, or still coming after ``seconds``.

    Byte by byte, because requests' own time-out begins again with every byte that comes.
    """
    body, deadline = bytearray(), time.monotonic() + seconds
    for byte in answer.iter_content(1):
        body += byte
        if len(body) > ANSWER_SIZE or time.monotonic() > deadline:
            raise _Unreachable("an answer without an end")
    return bytes(body)
