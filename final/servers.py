"""The three servers together, as child processes of this one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from .child import ServerChild
from .errors import FinalError, ServerDied
from .options import DEFAULT_PORTS, SERVICES, Addresses

MODULES = {
    "auth": "stage3_auth.server",
    "chat": "stage4_rooms.server",
    "files": "stage5_files.server",
}

OnLine = Callable[[str, str], object]


class ServerSet:
    """Accounts, chat and files on one database and one folder; a context manager that ends them.

    ``data`` is the folder of database, files and logs. ``first_port`` puts the three on three
    consecutive ports (0: on any free ones), else they take their usual ones. ``sms`` is the
    account server's provider, ``common_flags`` go to all three servers. ``on_line(service, line)``
    hears every line of their logs.
    """

    def __init__(
        self,
        data: Path,
        *,
        host: str = "127.0.0.1",
        first_port: int | None = None,
        database: str | None = None,
        sms: str = "console",
        common_flags: Sequence[str] = (),
        on_line: OnLine = lambda _service, _line: None,
    ) -> None:
        self.data = data
        self._host = host
        self._first_port = first_port
        self._database = database or f"sqlite:///{data / 'chat.db'}"
        self._sms = sms
        self._common_flags = common_flags
        self._on_line = on_line
        self._children: list[ServerChild] = []

    @property
    def log_folder(self) -> Path:
        """Where the servers' logs are."""
        return self.data / "logs"

    def __enter__(self) -> "ServerSet":
        """Start all three and wait until they listen; raises FinalError, and leaves nothing up."""
        try:
            self.log_folder.mkdir(parents=True, exist_ok=True)
            self._children.extend(self._start(service) for service in SERVICES)
            for child in self._children:
                child.wait_ready()
        except ServerDied as error:
            self.end()
            if "cannot listen" in str(error):
                remedy = "Here the flag is --first-port: it moves all three."
                raise ServerDied(f"{error} {remedy}") from error
            raise
        except OSError as error:
            self.end()
            raise FinalError(f"cannot use the data folder {self.data}: {error}") from error
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End all three."""
        self.end()

    @property
    def addresses(self) -> Addresses:
        """Where they listen."""
        return Addresses(*(child.address for child in self._children))

    def dead(self) -> list[str]:
        """Return the services whose server has ended."""
        return [child.service for child in self._children if not child.is_alive()]

    def end(self) -> None:
        """End whatever was started."""
        for child in self._children:
            child.ask_to_end()
        for child in self._children:
            child.end()
        self._children.clear()

    def _start(self, service: str) -> ServerChild:
        return ServerChild(
            service,
            MODULES[service],
            self._flags(service),
            self.log_folder / f"{service}.log",
            lambda line: self._on_line(service, line),
        )

    def _flags(self, service: str) -> Sequence[str]:
        flags = ["--host", self._host, "--port", str(self._port(service))]
        flags += ["--db", self._database, *self._common_flags]
        if service == "auth":
            flags += ["--sms", self._sms]
        if service == "files":
            flags += ["--store", str(self.data / "files")]
        return flags

    def _port(self, service: str) -> int:
        if self._first_port is None:
            return int(DEFAULT_PORTS[service])
        return self._first_port + SERVICES.index(service) if self._first_port else 0
