"""NetEase Yunxin's SMS API as a local HTTP server, with the vendor's own checks.

It speaks the older form (``authCode``), the newer one (``paramMap``), and templates
(``sendtemplate.action``); a request that the vendor would refuse gets the vendor's code. It is a
backup host as well: each has its own ``answers``.
"""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

APP_KEY, APP_SECRET, TEMPLATE = "a key of the tests", "a secret of the tests", "3057527"
OK, FORBIDDEN, BAD = 200, 403, 414
VALID_SECONDS = 300
ACTIONS = {
    "/sms/sendcode.action": ("paramMap", "authCode"),
    "/sms/sendtemplate.action": ("template",),
}


@dataclass(frozen=True)
class Sent:
    """A request that was right: what it would have sent, and how it was signed."""

    form: str
    phone: str
    code: str
    nonce: str


@dataclass
class FakeNetease:
    """What the fake knows; ``next_answers`` are codes that it gives instead of 200, in turn.

    An answer may also be "hang" (none comes), "cut" (the connection ends), "nonsense" (no JSON),
    "500" (an HTTP status), or one whose body is "half" there (no more comes), "short" (the
    connection ends in it), "no zip" (though it says so), or comes in a "trickle" without end.
    """

    port: int = 0
    next_answers: list[Any] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # why a request was refused
    asked: int = 0
    nonces: set[str] = field(default_factory=set)  # those of requests that are forgotten
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """What NETEASE_HOSTS takes."""
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Begin anew: for the next test that shares it. Nonces stay used."""
        self.nonces |= {sent.nonce for sent in self.sent}
        self.next_answers, self.sent, self.wrong, self.asked = [], [], [], 0
        self.released.set()
        self.released = threading.Event()

    def look_at(self, path: str, headers: Any, body: bytes) -> int:
        """Judge a request as the vendor does; return the code of the answer."""
        try:
            self._check_signature(headers)
            self.sent.append(self._read(path, headers, body))
        except (ValueError, KeyError, TypeError) as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
            return BAD
        return OK

    def _check_signature(self, headers: Any) -> None:
        nonce, moment = headers["Nonce"] or "", headers["CurTime"] or ""
        _demand(headers["AppKey"] == APP_KEY, f"AppKey is {headers['AppKey']!r}")
        _demand(1 <= len(nonce) <= 128, f"Nonce is {nonce!r}, not 1 to 128 characters")
        used = self.nonces.union(sent.nonce for sent in self.sent)
        _demand(nonce not in used, f"Nonce {nonce!r} came before")
        _demand(moment.isascii() and moment.isdigit(), f"CurTime is {moment!r}, not seconds")
        _demand(abs(time.time() - int(moment)) < VALID_SECONDS, f"CurTime {moment} is too old")
        right = hashlib.sha1((APP_SECRET + nonce + moment).encode()).hexdigest()
        _demand(headers["CheckSum"] == right, f"CheckSum is {headers['CheckSum']!r}, not {right!r}")

    def _read(self, path: str, headers: Any, body: bytes) -> Sent:
        kind = (headers["Content-Type"] or "").replace(" ", "").lower()
        wanted = "application/x-www-form-urlencoded;charset=utf-8"
        _demand(kind == wanted, f"Content-Type is {kind!r}, not {wanted!r}")
        fields = dict(parse_qsl(body.decode("ascii"), strict_parsing=True, errors="strict"))
        _demand(fields.get("templateid") == TEMPLATE, f"the form is {fields}")
        form = self._form_of(path, fields)
        if form == "template":
            (phone,), (code,) = json.loads(fields["mobiles"]), json.loads(fields["params"])
        else:
            phone = fields["mobile"]
            code = json.loads(fields["paramMap"])["code"] if form == "paramMap" else fields[form]
        _demand(len(phone) == 11 and phone.isdigit(), f"the phone is {phone!r}")
        _demand(
            isinstance(code, str) and len(code) == 6 and code.isdigit(), f"the code is {code!r}"
        )
        return Sent(form, phone, code, headers["Nonce"])

    @staticmethod
    def _form_of(path: str, fields: dict[str, str]) -> str:
        forms = ACTIONS[path]
        if forms == ("template",):
            return "template"
        (form,) = [form for form in forms if form in fields]  # one of them, not both
        return form


def _demand(true: bool, otherwise: str) -> None:
    if not true:
        raise ValueError(otherwise)


@contextmanager
def fake_netease() -> Iterator[FakeNetease]:
    """Run a fake on a free port of loopback."""
    fake = FakeNetease()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code = fake.look_at(self.path, self.headers, body)
            answer = fake.next_answers.pop(0) if fake.next_answers else code
            if answer == "hang":
                fake.released.wait(60)
            elif answer == "nonsense":
                self._answer(200, b"<html>maintenance</html>")
            elif answer == "500":
                self._answer(500, b"")
            elif answer == "no zip":
                self._answer(200, b'{"code": 200}', ("Content-Encoding", "gzip"))
            elif answer in ("half", "short", "trickle"):
                self._begin_answer(200, 10**6)
                self.wfile.write(b'{"code"')
                self.wfile.flush()
                self._go_on(answer)
            elif answer != "cut":
                obj = fake.sent[-1].code if fake.sent else ""
                text = json.dumps({"code": answer, "msg": "88", "obj": obj})
                self._answer(200, text.encode())

        def _go_on(self, how: str) -> None:
            if how == "half":
                fake.released.wait(60)
            with contextlib.suppress(OSError):  # the server has had enough of it
                while how == "trickle" and not fake.released.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()

        def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
            self._begin_answer(status, len(body), *headers)
            self.wfile.write(body)

        def _begin_answer(self, status: int, size: int, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.send_header("Content-Length", str(size))
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the test tells what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
