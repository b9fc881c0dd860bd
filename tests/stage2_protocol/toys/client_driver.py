"""Drives the client connection under test: one JSON command a line in, one JSON event a line out.

A request runs in a thread of its own, so that many can be under way at once. Threads of the test's
own carry names that begin with "driver".
"""

import hashlib
import io
import json
import sys
import threading
from concurrent.futures import Future
from typing import Any

from stage2_protocol import ClientConnection, ConnectionLost, Data, Link, Refused, RequestTimeout

Command = dict[str, Any]
# One for all drivers: while one is closed, the next one reports already.
PRINTING = threading.Lock()


class Driver:
    """Holds one connection or one link, and reports what it does."""

    def __init__(self, session: int) -> None:
        self.session = session  # events of an earlier test are told apart by it
        self.connection: ClientConnection | None = None
        self.link: Link | None = None
        self.futures: dict[str, Future[Data]] = {}
        self.files: list[io.BytesIO] = []

    def tell(self, event: str, **fields: Any) -> None:
        with PRINTING:
            event_line = {"event": event, "session": self.session, **fields}
            print(json.dumps(event_line), flush=True)

    def end(self) -> None:
        """Close what the last test left open."""
        for opened in (self.connection, self.link):
            if opened is not None:
                opened.close()

    # A connection

    def do_connect(self, command: Command) -> None:
        """Connect; ``on_push`` "raise" makes the callback fail after it has told the push."""

        def on_push(op: int, data: Data) -> None:
            self.tell("push", op=op, data=data, thread=threading.current_thread().name)
            if command.get("on_push") == "raise":
                raise ZeroDivisionError("a bug in the callback")
            if command.get("on_push") == "close":
                self.connection.close()  # type: ignore[union-attr]

        heartbeat = command.get("heartbeat")
        options = {} if heartbeat is None else {"heartbeat": heartbeat}
        try:
            self.connection = ClientConnection(
                command["host"],
                command["port"],
                on_push=on_push,
                on_lost=lambda error: self.tell("on_lost", text=str(error)),
                **options,
            )
        except ConnectionLost as error:
            self.tell("unreachable", text=str(error))
        else:
            self.tell("connected")

    def do_ask(self, command: Command) -> None:
        """Ask with request() in a thread; the event carries the name of the command."""
        threading.Thread(target=self._ask, args=(command,), name="driver ask", daemon=True).start()

    def _ask(self, command: Command) -> None:
        asked: Any = self.link or self.connection
        options = {"timeout": command["timeout"]} if "timeout" in command else {}
        self._report(
            command["name"],
            lambda: asked.request(command["op"], command.get("args"), **options),
        )

    def _report(self, name: str, ask: Any) -> None:
        try:
            data = ask()
        except Refused as error:
            self.tell(
                "refused",
                name=name,
                status=error.status,
                text=error.message,
                field=error.field,
                retry_after=error.retry_after,
            )
        except RequestTimeout as error:
            self.tell("timeout", name=name, text=str(error))
        except ConnectionLost as error:
            self.tell("lost", name=name, text=str(error))
        except Exception as error:
            self.tell("failed", name=name, text=f"{type(error).__name__}: {error}")
        else:
            self.tell("answer", name=name, data=data)

    def do_submit(self, command: Command) -> None:
        """Send a request with submit(); "wait" or "cancel" deals with its future later."""
        assert self.connection is not None
        body = None
        if "body" in command:
            file = io.BytesIO(b"\x00" * 3 + bytes.fromhex(command["body"]))
            file.seek(3)  # the body begins where the file stands
            body = (file, command.get("length", len(command["body"]) // 2))
        try:
            answer = self.connection.submit(command["op"], command.get("args"), body=body)
        except ConnectionLost as error:
            self.tell("lost", name=command["name"], text=str(error))
            return
        self.futures[command["name"]] = answer
        self.tell("submitted", name=command["name"])

    def do_wait(self, command: Command) -> None:
        """Report the answer to a submitted request."""
        answer = self.futures.pop(command["name"])
        self._report(command["name"], lambda: answer.result(30))

    def do_cancel(self, command: Command) -> None:
        """Give up a submitted request."""
        self.tell(
            "cancelled", name=command["name"], done=self.futures.pop(command["name"]).cancel()
        )

    def do_download(self, command: Command) -> None:
        """Ask with a sink that hashes the body; ``sink`` "raise" makes it fail."""
        assert self.connection is not None
        connection, found, hash = self.connection, [0], hashlib.md5(usedforsecurity=False)

        def sink(data: Data) -> Any:
            self.tell("sink", data=data)
            return write

        def write(chunk: memoryview) -> None:
            if command.get("sink") == "raise":
                raise OSError("the disk is full")
            found[0] += len(chunk)
            hash.update(chunk)

        def ask() -> Data:
            data = connection.request(command["op"], sink=sink, timeout=command.get("timeout"))
            return {**data, "received": found[0], "md5": hash.hexdigest()}

        name = command["name"]
        threading.Thread(target=self._report, args=(name, ask), daemon=True).start()

    def do_flood(self, command: Command) -> None:
        """Submit requests of ``size`` bytes in a thread until the connection is lost."""
        threading.Thread(target=self._flood, args=(command,), daemon=True).start()

    def _flood(self, command: Command) -> None:
        assert self.connection is not None
        try:
            while True:
                self.connection.submit(80, {"text": "x" * command["size"]})
        except ConnectionLost as error:
            self.tell("flooded", text=str(error))

    def do_close(self, _command: Command) -> None:
        """Close the connection or the link."""
        asked: Any = self.link or self.connection
        asked.close()
        self.tell("closed")

    def do_state(self, _command: Command) -> None:
        """Report whether the connection is open, and the threads that are not the driver's own."""
        names = [thread.name for thread in threading.enumerate()]
        ours = ("MainThread", "driver")
        threads = [name for name in names if not name.startswith(ours)]
        connection = self.connection
        self.tell("state", threads=threads, open=connection is not None and connection.is_open)

    # A link

    def do_link(self, command: Command) -> None:
        """Start a link; on_up asks ``enter``, if there is one, and its refusal is passed on."""

        def on_up(connection: ClientConnection) -> None:
            self.tell("up")
            if "enter" in command:
                connection.request(command["enter"])
            if command.get("on_up") == "raise":
                raise ZeroDivisionError("a bug in on_up")

        def on_down(error: Exception) -> None:
            self.tell("down", kind=type(error).__name__, text=str(error))

        waits = command.get("waits")
        options = {} if waits is None else {"waits": lambda: iter(waits)}
        self.link = Link(
            command["host"],
            command["port"],
            on_up=on_up,
            on_down=on_down,
            on_ready=lambda: self.tell("ready"),
            on_push=lambda op, data: self.tell("push", op=op, data=data),
            **options,
        )
        self.link.start()
        self.tell("started")


def main() -> None:
    """Carry out commands until the input ends."""
    driver = Driver(0)
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "begin":
            driver.end()
            driver = Driver(command["session"])
            continue
        getattr(driver, "do_" + command["do"])(command)


if __name__ == "__main__":
    main()
